//! Bodies: JSON of at most a mebibyte, read when it is time to (section 1.2 of the contract).

use std::convert::Infallible;

use axum::{
    body::{Body as HttpBody, Bytes, to_bytes},
    extract::{FromRequest, Request},
};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;

use super::{error::ApiError, json::read};

/// Bytes of a body.
pub(crate) const MOST_BODY: usize = 1 << 20;

/// The body of a request, unread: what is wrong with it is said after what is wrong with token,
/// scope and path.
#[derive(Debug)]
pub(crate) struct Body(HttpBody);

impl Body {
    /// The whole of it. Refused: `too_large`, `bad_request`.
    pub(crate) async fn bytes(self) -> Result<Bytes, ApiError> {
        to_bytes(self.0, MOST_BODY).await.map_err(|error| {
            if error.into_inner().is::<LengthLimitError>() {
                let large = format_args!("a body has at most {MOST_BODY} bytes");
                return ApiError::new(413, "too_large", large);
            }
            ApiError::bad("body", "it did not come whole")
        })
    }

    /// The JSON of it, whatever type it says that it has. Refused: `too_large`, `bad_request`.
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        read(&self.bytes().await?)
    }

    /// The same, or the default if there is no body. Refused: `too_large`, `bad_request`.
    pub(crate) async fn json_or_default<T: DeserializeOwned + Default>(
        self,
    ) -> Result<T, ApiError> {
        match self.bytes().await? {
            empty if empty.is_empty() => Ok(T::default()),
            bytes => read(&bytes),
        }
    }
}

impl<S: Sync> FromRequest<S> for Body {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        Ok(Body(request.into_body()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{super::json::Fields, *};

    #[derive(Debug, serde::Deserialize, Default, PartialEq)]
    struct Asked {
        list: Vec<Fields<One>>,
    }

    #[derive(Debug, serde::Deserialize, PartialEq)]
    struct One {
        number: u8,
    }

    async fn asked(text: impl Into<Bytes>) -> Result<Asked, ApiError> {
        Body(HttpBody::from(text.into())).json().await
    }

    #[tokio::test]
    async fn the_field_that_is_wrong_is_named() {
        let wrong = asked(r#"{"list":[{"number":1},{"number":"x"}]}"#).await.unwrap_err();
        assert_eq!(wrong.data["field"], "list[1].number");
        for text in
            ["", "{", "{\"list", "{list:[]}", "}", "[]", r#"{"list":[]} x"#, "\u{feff}{}", "null"]
        {
            let wrong = asked(text).await.unwrap_err();
            assert_eq!((wrong.status, wrong.code), (400, "bad_request"), "{text}");
            assert_eq!(wrong.data["field"], "body", "{text}");
        }
        assert_eq!(asked(&b"{\"list\":[],\"\xff\":1}"[..]).await.unwrap_err().status, 400);
        // What is passed over may be as deep as it likes.
        let deep = format!(r#"{{"list":[],"x":{}{}}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(asked(deep).await.unwrap(), Asked::default());
        let known = asked(r#"{"unknown":[{}],"list":[{"number":1,"more":2}]}"#).await.unwrap();
        assert_eq!(known, Asked { list: vec![Fields(One { number: 1 })] });
    }

    #[tokio::test]
    async fn a_mebibyte_fits_and_a_byte_more_does_not() {
        let whole = |bytes| Body(HttpBody::from(vec![b' '; bytes])).bytes();
        assert_eq!(whole(MOST_BODY).await.unwrap().len(), MOST_BODY);
        let large = whole(MOST_BODY + 1).await.unwrap_err();
        assert_eq!((large.status, large.code), (413, "too_large"));
    }

    #[tokio::test]
    async fn a_body_that_may_be_missing_is_read_if_it_is_there() {
        let maybe = |text: &'static str| Body(HttpBody::from(text)).json_or_default::<Asked>();
        assert_eq!(maybe("").await.unwrap(), Asked::default());
        assert_eq!(maybe("x").await.unwrap_err().status, 400);
    }
}
