//! The known name that a wrong one was probably meant to be.

use alloc::{format, string::String, vec::Vec};

/// How many names are listed when none is near.
const MOST_LISTED: usize = 12;
/// Names longer than this are not compared: the work grows with the square of the length.
const MAX_COMPARED_CHARS: usize = 128;

/// The name among `known` that differs least from `name`, if it differs by little.
///
/// ```
/// assert_eq!(tierwise::nearest("currancy", ["currency", "period"].into_iter()), Some("currency"));
/// assert_eq!(tierwise::nearest("xyz", ["currency", "period"].into_iter()), None);
/// ```
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > MAX_COMPARED_CHARS {
        return None;
    }
    let allowed = length.checked_div(3).unwrap_or(0).max(1);
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean …", or what there is.
#[cold]
pub(super) fn help(name: &str, known: &[&str]) -> String {
    if let Some(candidate) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{candidate}`?");
    }
    let mut listed = String::new();
    for candidate in known.iter().take(MOST_LISTED) {
        if !listed.is_empty() {
            listed.push_str(", ");
        }
        listed.push('`');
        listed.push_str(candidate);
        listed.push('`');
    }
    if known.is_empty() {
        String::from("none are defined")
    } else if known.len() > MOST_LISTED {
        format!("known are {listed} and more")
    } else {
        format!("known are {listed}")
    }
}

/// Insertions, deletions and replacements between two names, letter case left aside.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().map(|c| c.to_ascii_lowercase()).enumerate() {
        let mut diagonal = i;
        let mut before = i.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let replaced = diagonal.saturating_add(usize::from(a != *b));
            let shifted = before.min(*cell).saturating_add(1);
            diagonal = *cell;
            before = replaced.min(shifted);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_letter_edits() {
        for (left, right, edits) in
            [("", "abc", 3), ("upTo", "upto", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(left, right), edits, "{left} {right}");
            assert_eq!(distance(right, left), edits, "{right} {left}");
        }
    }
}
