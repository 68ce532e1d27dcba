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
