//! Spoils requests and catalogs: a few random changes each, near what people get wrong.

use super::questions::below;
use oorandom::Rand64;
use tierwise_wire::Document;

/// Values that stand where others belong.
const ODD_TEXTS: [&str; 22] = [
    "",
    "0",
    "-1",
    "1.5",
    "0.0000001",
    "1e3",
    "+1",
    ".5",
    "5.",
    "١",
    "999999999999999999999",
    "NaN",
    "2026-02-30",
    "2026-04-01",
    "2026-04-01T00:00:00Z",
    "2026-04-01T24:00:00+14:00",
    "create",
    "message",
    "limited_msg_no_chat_history",
    "a/b~c",
    "\u{1f600}\u{0}\"\\",
    "__proto__",
];
const ODD_NUMBERS: [i128; 14] = [
    -1,
    0,
    1,
    2,
    29,
    30,
    1000,
    3001,
    999_999_999_999,
    1_000_000_000_001,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    i128::MAX,
    i128::MIN,
];
const ODD_KEYS: [&str; 8] =
    ["tier", "n", "items", "usage", "__proto__", "constructor", "a/b~", "é"];
/// So many changes at most.
const MOST_CHANGES: usize = 3;

/// A document with some of its parts changed, removed, or doubled under another name.
pub(super) fn spoil(random: &mut Rand64, document: &Document) -> Document {
    let mut spoilt = document.clone();
    for _ in 0..=below(random, MOST_CHANGES) {
        change(random, &mut spoilt);
    }
    spoilt
}

fn change(random: &mut Rand64, document: &mut Document) {
    // Mostly goes down into a part.
    match document {
        Document::Map(entries) if !entries.is_empty() && below(random, 8) > 0 => {
            let place = below(random, entries.len());
            match below(random, 12) {
                0 => {
                    entries.remove(place);
                }
                1 => rename(random, entries, place),
                // Two at once: what is wrong with the one may not hide what is with the other.
                2 => {
                    for _ in 0..2 {
                        let place = below(random, entries.len());
                        entries[place].1 = odd_number(random);
                    }
                }
                3 => {
                    let key = ODD_KEYS[below(random, ODD_KEYS.len())];
                    if entries.iter().all(|(known, _)| known != key) {
                        entries.push((key.to_owned(), odd_value(random)));
                    }
                }
                _ => change(random, &mut entries[place].1),
            }
        }
        Document::List(list) if !list.is_empty() && below(random, 8) > 0 => {
            let place = below(random, list.len());
            match below(random, 10) {
                0 => {
                    list.remove(place);
                }
                1 => list.push(list[place].clone()),
                2 => {
                    let other = below(random, list.len());
                    list.swap(place, other);
                }
                _ => change(random, &mut list[place]),
            }
        }
        Document::Integer(value) if below(random, 2) > 0 => {
            *value = value.saturating_add(i128::from(random.rand_range(0..5)) - 2);
        }
        _ => *document = odd_value(random),
    }
}

fn rename(random: &mut Rand64, entries: &mut [(String, Document)], place: usize) {
    let mut key = entries[place].0.clone();
    match below(random, 3) {
        0 => key.push('s'),
        1 => key = key.to_uppercase(),
        _ => {
            key.pop();
        }
    }
    if entries.iter().all(|(known, _)| *known != key) {
        entries[place].0 = key;
    }
}

fn odd_value(random: &mut Rand64) -> Document {
    match below(random, 8) {
        0 => Document::Null,
        1 => Document::Bool(below(random, 2) > 0),
        2 => Document::Fraction,
        3 => Document::List(vec![Document::Integer(1)]),
        4 => Document::Map(vec![("a".to_owned(), Document::Null)]),
        5 => Document::Text(ODD_TEXTS[below(random, ODD_TEXTS.len())].to_owned()),
        6 => deep(below(random, 40)),
        _ => odd_number(random),
    }
}

fn odd_number(random: &mut Rand64) -> Document {
    Document::Integer(ODD_NUMBERS[below(random, ODD_NUMBERS.len())])
}

/// Lists in lists.
fn deep(levels: usize) -> Document {
    (0..levels).fold(Document::Null, |inner, _| Document::List(vec![inner]))
}

/// A text with a few of its characters changed, which may leave no JSON at all.
pub(super) fn spoil_text(random: &mut Rand64, text: &str) -> String {
    const PIECES: [&str; 18] = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "0",
        "-",
        "1e999",
        ".5",
        "\\u00e9",
        "\\ud800",
        "null",
        " ",
        "\u{feff}",
        "\u{1f600}",
        "\t",
    ];
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=below(random, MOST_CHANGES) {
        let place = below(random, letters.len() + 1);
        match below(random, 3) {
            0 if place < letters.len() => {
                letters.remove(place);
            }
            1 => letters.truncate(place.max(1)),
            _ => {
                let piece = PIECES[below(random, PIECES.len())];
                letters.splice(place..place, piece.chars());
            }
        }
    }
    letters.into_iter().collect()
}
