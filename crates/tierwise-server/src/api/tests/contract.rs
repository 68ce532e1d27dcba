//! The OpenAPI document as a judge of answers.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock},
};

use axum::http::HeaderMap;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::api::service::document;

pub(crate) struct Contract {
    document: Value,
    /// What answers are held to, by where it stands in the document.
    validators: Mutex<HashMap<String, Validator>>,
}

impl Contract {
    pub(crate) fn get() -> &'static Contract {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT
            .get_or_init(|| Contract { document: document().clone(), validators: Mutex::default() })
    }

    /// Holds an answer to what the document says of its path, method and status.
    pub(crate) fn check(
        &self,
        method: &str,
        path: &str,
        status: u16,
        headers: &HeaderMap,
        body: &Value,
    ) {
        let seen = || format!("{method} {path} was answered {status}: {body}");
        // The document does not speak of itself.
        if path == "/openapi.json" {
            return assert_eq!(body, &self.document);
        }
        let method = method.to_lowercase();
        let Some(operation) = self.operation(&method, path) else {
            assert!([404, 405].contains(&status), "no operation, yet {}", seen());
            return self.is_like("#/components/schemas/Error", body, &seen());
        };
        let answer = &operation["responses"][status.to_string()];
        assert!(!answer.is_null(), "a status that the contract does not have: {}", seen());
        let answer = self.resolved(answer);
        for name in answer["headers"].as_object().into_iter().flatten().map(|(name, _)| name) {
            assert!(headers.contains_key(name.as_str()), "without {name}: {}", seen());
        }
        let schema = &answer["content"]["application/json"]["schema"];
        if schema.is_null() {
            assert!(body.is_null(), "a body that the contract does not have: {}", seen());
            return;
        }
        assert_eq!(headers["content-type"], "application/json", "{}", seen());
        self.fits(&schema.to_string(), schema, body, &seen());
    }

    /// A schema, or the one that it refers to.
    pub(crate) fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(at) => self.document.pointer(at.trim_start_matches('#')).expect("it is there"),
            None => schema,
        }
    }

    /// Every operation that takes a body: its method, its path, and the body's schema.
    pub(crate) fn bodies(&self) -> Vec<(String, String, Value)> {
        let mut found = Vec::new();
        for (path, method, operation) in self.operations() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !schema.is_null() {
                found.push((method.to_owned(), path.to_owned(), schema.clone()));
            }
        }
        found
    }

    /// Every operation, with its path and its method.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| Some((&**path, method, item.get(method)?)))
        })
    }

    fn is_like(&self, at: &str, body: &Value, seen: &str) {
        self.fits(at, &json!({ "$ref": at }), body, seen);
    }

    fn fits(&self, name: &str, schema: &Value, body: &Value, seen: &str) {
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(name.to_owned()).or_insert_with(|| {
            let components = &self.document["components"];
            let whole = json!({ "allOf": [schema], "components": components });
            let options = jsonschema::options().should_validate_formats(true);
            options.build(&whole).expect("the contract has good schemas")
        });
        let wrong: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}: {seen}");
    }

    /// The operation of a path: of those that fit, the one with the fewest parameters.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<_> = path.split('/').collect();
        let fitting = self.document["paths"].as_object()?.iter().filter_map(|(template, item)| {
            let names: Vec<_> = template.split('/').collect();
            let fits = names.len() == parts.len()
                && names.iter().zip(&parts).all(|(name, part)| {
                    name == part || (name.starts_with('{') && !part.is_empty())
                });
            let operation = item.get(method).filter(|_| fits)?;
            Some((template.matches('{').count(), operation))
        });
        fitting.min_by_key(|(parameters, _)| *parameters).map(|(_, operation)| operation)
    }
}
