//! A message in Meta's words.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Outgoing;

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    quoted: Option<Quoted>,
}

#[derive(Deserialize)]
struct Attachment {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    filename: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quoted {
    id: String,
    /// What the network calls it: that of a sent message is not its own id.
    #[serde(default)]
    network_id: Option<String>,
}

/// The body of a request that sends a message; or why there is none.
pub(super) fn body(message: &Outgoing) -> Result<Vec<u8>, String> {
    let content: Content = serde_json::from_str(message.content.get())
        .map_err(|error| format!("the content cannot be read: {error}"))?;
    let text = content.text.as_deref().filter(|text| !text.is_empty());
    let (kind, part) = match (&content.attachments[..], text) {
        ([], Some(text)) => ("text", json!({ "body": text })),
        ([attachment], text) => attached(attachment, text)?,
        ([], None) => return Err("neither text nor an attachment".to_owned()),
        (several, _) => {
            let count = several.len();
            return Err(format!("{count} attachments: WhatsApp takes one a message"));
        }
    };
    let mut body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": recipient(&message.chat)?,
        "type": kind,
        kind: part,
    });
    if let Some(Quoted { id, network_id }) = content.quoted {
        body["context"] = json!({ "message_id": network_id.unwrap_or(id) });
    }
    Ok(body.to_string().into_bytes())
}

/// A phone number with its country, as Meta writes it in what arrives: digits alone. One `+` is
/// let pass.
fn recipient(chat: &str) -> Result<&str, String> {
    let digits = chat.strip_prefix('+').unwrap_or(chat);
    if (5..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits);
    }
    Err(format!("`{chat}` is no chat of WhatsApp: a number with its country, digits, is expected"))
}

fn attached(attachment: &Attachment, text: Option<&str>) -> Result<(&'static str, Value), String> {
    let Attachment { kind, url, filename, more } = attachment;
    let (name, has_caption) = match kind.as_str() {
        "image" => ("image", true),
        "video" => ("video", true),
        "document" => ("document", true),
        "audio" => ("audio", false),
        "sticker" => ("sticker", false),
        "location" => ("location", false),
        "contact" => ("contacts", false),
        _ => return Err(format!("an attachment `{kind}` is nothing that WhatsApp has")),
    };
    if text.is_some() && !has_caption {
        return Err(format!("WhatsApp has no text beside `{kind}`: send it by itself"));
    }
    let needed = |key: &str| {
        let value = more.get(key).filter(|value| !value.is_null());
        value.ok_or_else(|| format!("an attachment `{kind}` needs `{key}`"))
    };
    let part = match name {
        "location" => {
            let mut place = json!({
                "latitude": needed("latitude")?, "longitude": needed("longitude")?,
            });
            for key in ["name", "address"] {
                if let Some(value) = more.get(key) {
                    place[key] = value.clone();
                }
            }
            place
        }
        "contacts" => {
            let full_name = needed("name")?;
            json!([{
                "name": { "formatted_name": full_name, "first_name": full_name },
                "phones": [{ "phone": needed("phone")?, "type": "CELL" }],
            }])
        }
        _ => {
            let link = url.as_deref().filter(|url| !url.is_empty());
            let link = link.ok_or_else(|| format!("an attachment `{kind}` needs `url`"))?;
            let mut media = json!({ "link": link });
            if let Some(text) = text {
                media["caption"] = json!(text);
            }
            if let (Some(filename), "document") = (filename, name) {
                media["filename"] = json!(filename);
            }
            media
        }
    };
    Ok((name, part))
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn read(chat: &str, content: Value) -> Result<Value, String> {
        let content = serde_json::value::to_raw_value(&content).unwrap_or_default();
        let message = Outgoing { chat: chat.to_owned(), content, ..Outgoing::of_text("") };
        let text = body(&message)?;
        Ok(serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}")))
    }

    fn part(content: Value) -> Value {
        let mut body = read("16505551234", content).unwrap_or_else(|error| panic!("{error}"));
        let kind = body["type"].as_str().unwrap_or_default().to_owned();
        json!([kind, body[&kind].take()])
    }

    #[test]
    fn a_text_is_sent_to_a_number_and_may_quote() {
        let quoted = json!({ "id": "wamid.A", "chatId": "16505551234" });
        let body = read("+16505551234", json!({ "text": "hello", "quoted": quoted }));
        let expected = json!({ "messaging_product": "whatsapp", "recipient_type": "individual",
            "to": "16505551234", "type": "text", "text": { "body": "hello" },
            "context": { "message_id": "wamid.A" } });
        assert_eq!(body, Ok(expected));
        let sent = json!({ "text": "a", "quoted": { "id": "1", "networkId": "wamid.B" } });
        let body = read("16505551234", sent).unwrap_or_default();
        assert_eq!(body["context"]["message_id"], "wamid.B");
        for chat in ["", "+", "1234", "a@s.whatsapp.net", "++16505551234", "١٢٣٤٥", "1/../2345"]
        {
            assert!(read(chat, json!({ "text": "a" })).is_err(), "{chat}");
        }
    }

    #[test]
    fn every_kind_of_attachment_has_its_form() {
        let media = |kind: &str, text: Option<&str>| {
            let url = "https://a.example/b";
            let attachment = json!({ "type": kind, "mimetype": "x/y", "url": url,
                "filename": "b.pdf" });
            part(json!({ "text": text, "attachments": [attachment] }))
        };
        let link = "https://a.example/b";
        for kind in ["image", "video"] {
            assert_eq!(media(kind, None), json!([kind, { "link": link }]));
            let captioned = json!([kind, { "link": link, "caption": "c" }]);
            assert_eq!(media(kind, Some("c")), captioned);
        }
        let document = json!({ "link": link, "caption": "c", "filename": "b.pdf" });
        assert_eq!(media("document", Some("c")), json!(["document", document]));
        for kind in ["audio", "sticker"] {
            assert_eq!(media(kind, Some("")), json!([kind, { "link": link }]));
        }
        let place = json!({ "type": "location", "latitude": 52.52, "longitude": "13.4",
            "name": "Mitte" });
        let expected = json!({ "latitude": 52.52, "longitude": "13.4", "name": "Mitte" });
        assert_eq!(part(json!({ "attachments": [place] })), json!(["location", expected]));
        let contact = json!({ "type": "contact", "name": "Carla", "phone": "+49301" });
        let expected = json!([{ "name": { "formatted_name": "Carla", "first_name": "Carla" },
            "phones": [{ "phone": "+49301", "type": "CELL" }] }]);
        assert_eq!(part(json!({ "attachments": [contact] })), json!(["contacts", expected]));
    }

    #[test]
    fn what_whatsapp_has_not_is_refused_rather_than_left_out() {
        let url = "https://a.example/b";
        let fault = |content: Value| match read("16505551234", content) {
            Ok(body) => panic!("{body}"),
            Err(why) => why,
        };
        let image = json!({ "type": "image", "url": url });
        assert!(fault(json!({})).contains("neither"));
        assert!(fault(json!({ "attachments": [image, image] })).contains("2 attachments"));
        let audio = json!({ "type": "audio", "url": url });
        assert!(fault(json!({ "text": "a", "attachments": [audio] })).contains("by itself"));
        for (kind, needed) in [("image", "url"), ("location", "latitude"), ("contact", "name")] {
            let why = fault(json!({ "attachments": [{ "type": kind }] }));
            assert!(why.contains(&format!("needs `{needed}`")), "{why}");
        }
        assert!(fault(json!({ "attachments": [{ "type": "poll" }] })).contains("`poll`"));
        assert!(fault(json!({ "text": 1 })).contains("cannot be read"));
    }
}
