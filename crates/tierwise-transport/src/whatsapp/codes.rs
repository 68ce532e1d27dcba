//! What Meta's error codes mean for the queue. `docs/transports.md` names where each is documented.

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It passes within seconds: 4^X of them, as Meta has it, X from 0.
    Seconds,
    /// It passes within minutes: 4^X of them, where Meta does not say how many.
    Minutes,
    /// The message cannot be sent.
    Refused,
    /// The operator has to mend something first; until then nothing of the account can be sent.
    Operator,
    /// Meta does not say whether it was sent.
    Unknown,
}

/// What a code means; none for a code that is not in the list: then the status says it.
pub(super) fn meaning(code: i64) -> Option<Meaning> {
    Some(match code {
        // Throughput of the number, and of the pair of it and one recipient.
        130_429 | 131_056 => Meaning::Seconds,
        // Meta's service is away or overloaded, and the message failed.
        2 | 131_000 | 131_016 | 133_004 => Meaning::Seconds,
        // Rates of the app, the user, the page, the business account; maintenance.
        4 | 17 | 32 | 613 | 80_007 | 131_057 => Meaning::Minutes,
        // «Invalid request or possible server error».
        1 => Meaning::Unknown,
        // Token and permissions.
        0 | 3 | 10 | 190 | 200..=299 | 131_005 => Meaning::Operator,
        // The number: deleted, blocked, locked, without a name, a payment, a certificate or a
        // registration.
        33 | 368 | 131_031 | 131_037 | 131_042 | 131_045 | 133_010 => Meaning::Operator,
        // Too many messages were taken for spam: to try again makes it worse.
        131_048 => Meaning::Refused,
        // Parameters; recipient; window of 24 hours; type; media; Meta's choice not to deliver.
        100
        | 130_472
        | 130_497
        | 131_008
        | 131_009
        | 131_021
        | 131_026
        | 131_047
        | 131_049..=131_053
        | 132_000..=132_999 => Meaning::Refused,
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../../../docs/transports.md");

    /// The codes of the guide's table, with what it says of each.
    fn listed() -> Vec<(i64, Meaning)> {
        let number = |text: &str| text.parse::<i64>().unwrap_or_else(|_| panic!("`{text}`"));
        let table = GUIDE.split("| Code | Meta calls it | Outcome |").nth(1).unwrap_or_default();
        let mut listed = Vec::new();
        for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
            let columns: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            let [codes, _, outcome] = columns[..] else { panic!("{row}") };
            let meaning = match outcome {
                "unknown" => Meaning::Unknown,
                "refused" => Meaning::Refused,
                "the operator's" => Meaning::Operator,
                _ if outcome.contains("minutes") => Meaning::Minutes,
                _ => Meaning::Seconds,
            };
            for code in codes.split(", ") {
                let (first, last) = code.split_once('–').unwrap_or((code, code));
                listed.extend((number(first)..=number(last)).map(|code| (code, meaning)));
            }
        }
        listed
    }

    #[test]
    fn the_guide_lists_every_code_with_its_meaning_and_no_other() {
        let mut listed = listed();
        listed.sort_by_key(|(code, _)| *code);
        let known = (-1_000..200_000).filter_map(|code| Some((code, meaning(code)?)));
        assert_eq!(known.collect::<Vec<_>>(), listed);
    }
}
