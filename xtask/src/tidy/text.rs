//! Rules for the text of one file: its length, its first line, words that must not stay.

use std::path::Path;

const MOST_LINES: usize = 500;
const MOST_COLUMNS: usize = 100;
/// Data, not prose: lines as long as a case is.
const VECTORS: &str = "tests/vectors/";

/// Words are put together so that this file does not trip over itself.
const UNFINISHED: [&str; 3] =
    [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];
const NARROWED_TESTS: [&str; 2] = [concat!(".on", "ly("), concat!(".sk", "ip(")];
const SKIPPED_PYTHON: [&str; 2] = [concat!("unittest.sk", "ip"), concat!("mark.sk", "ip")];
const FOLDERS_OF_A_MACHINE: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];
const RESOLVED: &str = concat!("\"resol", "ved\":");

/// What is wrong with a file: `path:line: what, and what to do`.
pub(crate) fn breaches(path: &str, content: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut report = |line: usize, what: String| found.push(format!("{path}:{line}: {what}"));
    let kind = Kind::of(path);
    let lines: Vec<_> = content.lines().collect();
    if kind.is_source() && lines.len() > MOST_LINES {
        report(MOST_LINES + 1, format!("{} lines, at most {MOST_LINES}: split it", lines.len()));
    }
    let first = lines.iter().position(|line| !line.starts_with("#!/")).unwrap_or_default();
    let opening = kind.comment_openings();
    let starts_well = |line: &&str| opening.iter().any(|mark| line.starts_with(mark));
    if !opening.is_empty() && !lines.get(first).is_some_and(starts_well) {
        report(first + 1, "the first line must be a comment that says what the file is for".into());
    }
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        let columns = line.chars().count();
        if kind.is_program() && columns > MOST_COLUMNS && !path.starts_with(VECTORS) {
            report(number, format!("{columns} columns, at most {MOST_COLUMNS}"));
        }
        if kind.is_source() && line.contains('\t') {
            report(number, "a tab: use spaces".into());
        }
        for word in kind.words_refused() {
            if line.contains(word) {
                report(number, format!("`{word}` must not stay: finish it or run it"));
            }
        }
        if let Some(folder) = folder_of_a_machine(line) {
            report(number, format!("a path of one machine (`{folder}`): make it relative"));
        }
        if path.ends_with("package-lock.json") && line.contains(RESOLVED) {
            report(number, "an address of a registry: install with the folder's .npmrc".into());
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rust,
    Script,
    Python,
    Page,
    Other,
}

impl Kind {
    fn of(path: &str) -> Self {
        match Path::new(path).extension().and_then(|extension| extension.to_str()) {
            Some("rs") => Self::Rust,
            Some("ts" | "mjs" | "js") => Self::Script,
            Some("py") => Self::Python,
            Some("css" | "html") => Self::Page,
            _ => Self::Other,
        }
    }

    fn is_source(self) -> bool {
        self != Self::Other
    }

    fn is_program(self) -> bool {
        matches!(self, Self::Rust | Self::Script | Self::Python)
    }

    fn comment_openings(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["//", "/*"],
            Self::Script => &["// ", "/*"],
            Self::Python => &["#", "\"\"\"", "r\"\"\""],
            Self::Page | Self::Other => &[],
        }
    }

    fn words_refused(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &UNFINISHED,
            Self::Script => &NARROWED_TESTS,
            Self::Python => &SKIPPED_PYTHON,
            Self::Page | Self::Other => &[],
        }
    }
}

/// A path from the root of a file system into somebody's folders, where a path may begin.
fn folder_of_a_machine(line: &str) -> Option<&'static str> {
    FOLDERS_OF_A_MACHINE.into_iter().find(|folder| {
        line.match_indices(folder).any(|(index, _)| {
            let before = line.get(..index).and_then(|text| text.chars().next_back());
            before.is_none_or(|letter| !letter.is_alphanumeric() && !"./_-}>*".contains(letter))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::breaches;

    fn rules(path: &str, content: &str) -> Vec<String> {
        breaches(path, content)
    }

    #[test]
    fn a_good_file_has_nothing_to_say() {
        assert!(rules("a.rs", "//! What it is for.\nfn main() {}\n").is_empty());
        assert!(rules("a.py", "#!/usr/bin/env python3\n\"\"\"What it is for.\"\"\"\n").is_empty());
        assert!(rules("a.ts", "// What it is for.\nlist.filter(Boolean);\n").is_empty());
        assert!(rules("a.rs", "//! What.\nfn f() { list.iter().skip(1); }\n").is_empty());
    }

    #[test]
    fn files_are_short_and_lines_too() {
        let long = format!("//! What.\n{}", "x\n".repeat(500));
        assert!(rules("a.rs", &long)[0].starts_with("a.rs:501: 501 lines"));
        let wide = format!("//! {}\n", "ä".repeat(97));
        assert!(rules("a.rs", &wide)[0].starts_with("a.rs:1: 101 columns"));
        assert!(rules("a.rs", &format!("//! {}\n", "ä".repeat(96))).is_empty());
        assert!(rules("a.html", &wide).is_empty());
        assert!(rules("tests/vectors/a.py", &wide.replace("//!", "# a")).is_empty());
    }

    #[test]
    fn the_first_line_says_what_the_file_is_for() {
        assert!(rules("a.rs", "use std::fs;\n")[0].starts_with("a.rs:1: the first line"));
        assert!(rules("a.py", "#!/usr/bin/env python3\nimport os\n")[0].starts_with("a.py:2:"));
        assert!(rules("a.mjs", "")[0].starts_with("a.mjs:1:"));
        assert!(rules("a.css", "body {}\n").is_empty());
    }

    #[test]
    fn nothing_unfinished_or_left_out_stays() {
        for word in super::UNFINISHED {
            assert_eq!(rules("a.rs", &format!("//! What.\n{word}\n")).len(), 1, "{word}");
        }
        for word in super::NARROWED_TESTS {
            assert_eq!(rules("a.mjs", &format!("// What.\ntest{word}\n")).len(), 1, "{word}");
        }
        for word in super::SKIPPED_PYTHON {
            assert_eq!(rules("a.py", &format!("# What.\n@{word}\n")).len(), 1, "{word}");
        }
    }

    #[test]
    fn no_tabs_no_paths_of_a_machine_no_registry() {
        assert_eq!(rules("a.rs", "//! What.\n\tx\n").len(), 1);
        for folder in super::FOLDERS_OF_A_MACHINE {
            assert_eq!(rules("a.md", &format!("see `{folder}x`\n")).len(), 1, "{folder}");
            assert_eq!(rules("a.json", &format!("\"{folder}x\"\n")).len(), 1, "{folder}");
            assert!(rules("a.md", &format!("see www{folder}x\n")).is_empty(), "{folder}");
        }
        let lock = format!("{{ {} \"somewhere\" }}\n", super::RESOLVED);
        assert_eq!(rules("www/package-lock.json", &lock).len(), 1);
    }
}
