//! The guide's verifier, in Python, against what is signed here.

use std::{process::Command, time::UNIX_EPOCH};

use tierwise_transport::webhook::WebhookKeys;

const GUIDE: &str = include_str!("../../../../docs/transports.md");
const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

#[test]
fn the_verifier_of_the_guide_takes_what_is_signed_here_and_nothing_else() {
    let (_, rest) = GUIDE.split_once("```python\n").expect("a program");
    let (verifier, _) = rest.split_once("```").expect("its end");
    let now_s = UNIX_EPOCH.elapsed().expect("a clock after 1970").as_secs();
    let body = r#"{"text":"grüße"}"#;
    let keys = WebhookKeys::new([OLD, NEW]).expect("keys");
    let case = |secret: &str, id: &str, timestamp_s: u64, signed_s: u64| {
        let signature = keys.sign("a:1", signed_s, body.as_bytes());
        format!(
            "print(verify(['{secret}'], {{'webhook-id': '{id}', 'webhook-timestamp': \
             '{timestamp_s}', 'webhook-signature': '{signature}'}}, '{body}'.encode()))\n"
        )
    };
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        (case(OLD, "a:1", now_s, now_s), "True"),
        (case(NEW, "a:1", now_s, now_s), "True"),
        (case(NEW, "a:1", now_s - 200, now_s - 200), "True"),
        (case(other, "a:1", now_s, now_s), "False"),
        (case(OLD, "a:2", now_s, now_s), "False"),
        (case(OLD, "a:1", now_s, now_s - 1), "False"),
        (case(OLD, "a:1", now_s - 400, now_s - 400), "False"),
        (case(OLD, "a:1", now_s + 400, now_s + 400), "False"),
    ];
    let program = cases.iter().fold(verifier.to_owned(), |program, (case, _)| program + case);
    let run = Command::new("python3").args(["-c", &program]).output().expect("python3");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let expected: Vec<_> = cases.iter().map(|(_, expected)| *expected).collect();
    let printed = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
}
