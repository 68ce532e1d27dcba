//! Aligned tables for people: numbers to the right, totals set apart, no column without content.

use comfy_table::{CellAlignment, LineStyle, Table as Grid, TableStyle};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A line under the heads, and nothing else.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
/// Before and after the text of a cell, in spaces; one more stands between two columns.
const PADDING: (u16, u16) = (0, 1);
/// What stands between two columns, then.
const BETWEEN: usize = 2;
/// What a cell keeps at least that is cut, in columns of the terminal.
const LEAST_WIDTH: usize = 12;

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    /// To the right, with the decimal points below each other.
    Point,
}

/// A table that is being filled.
#[derive(Debug)]
pub(crate) struct Table {
    heads: Vec<&'static str>,
    sides: Vec<Side>,
    /// Whether the cells of a column may be cut.
    cut: Vec<bool>,
    rows: Vec<Vec<String>>,
    totals: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows. A head that starts with `>` is that of numbers, one with `.` that of
    /// decimals, one with `~` that of words which may be cut: they are of no use to copy.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        let side = |head: &&str| match head.as_bytes().first() {
            Some(b'>') => Side::Right,
            Some(b'.') => Side::Point,
            _ => Side::Left,
        };
        Table {
            heads: heads.iter().map(|head| head.trim_start_matches(['>', '.', '~'])).collect(),
            sides: heads.iter().map(side).collect(),
            cut: heads.iter().map(|head| head.starts_with('~')).collect(),
            rows: Vec::new(),
            totals: Vec::new(),
        }
    }

    /// Adds rows.
    #[must_use]
    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Adds a row below the others, set apart: its name in the first column, its value under a
    /// head.
    #[must_use]
    pub(crate) fn total(mut self, name: &str, head: &str, value: String) -> Self {
        let mut row = vec![String::new(); self.heads.len()];
        if let Some(first) = row.first_mut() {
            *first = name.to_owned();
        }
        let place = self.heads.iter().position(|known| *known == head);
        if let Some(cell) = place.and_then(|place| row.get_mut(place)) {
            *cell = value;
        }
        self.totals.push(row);
        self
    }

    /// The table as text, a line each row.
    pub(crate) fn in_words(self) -> String {
        self.in_words_within(None)
    }

    /// The same on a terminal of so many columns: the longest cells that may be cut are cut, until
    /// the table fits or they are as short as they may be.
    pub(crate) fn in_words_within(mut self, width: Option<usize>) -> String {
        let rows_before_totals = self.rows.len();
        self.rows.append(&mut self.totals);
        for cell in self.rows.iter_mut().flatten() {
            *cell = printable(cell);
        }
        self.drop_empty_columns();
        if let Some(width) = width {
            self.cut_to(width);
        }
        for (i, side) in self.sides.iter().enumerate() {
            if *side == Side::Point {
                align_points(&mut self.rows, i);
            }
        }
        let has_heads = self.heads.iter().any(|head| !head.is_empty());
        let lines = grid_lines(&self.heads, &self.sides, self.rows);
        let (head_lines, row_lines) = lines.split_at(2.min(lines.len()));
        let mut text = String::new();
        let mut add = |line: &String| {
            text += line.trim_end();
            text += "\n";
        };
        if has_heads {
            head_lines.iter().for_each(&mut add);
        }
        for (i, line) in row_lines.iter().enumerate() {
            if i == rows_before_totals && i > 0 {
                head_lines.last().into_iter().for_each(&mut add);
            }
            add(line);
        }
        text
    }

    /// A column that no row fills says nothing.
    fn drop_empty_columns(&mut self) {
        for i in (0..self.heads.len()).rev() {
            let is_empty = |row: &Vec<String>| row.get(i).is_none_or(String::is_empty);
            if !self.rows.is_empty() && self.rows.iter().all(is_empty) {
                self.heads.remove(i);
                self.sides.remove(i);
                self.cut.remove(i);
                for row in self.rows.iter_mut().filter(|row| i < row.len()) {
                    row.remove(i);
                }
            }
        }
    }
}

impl Table {
    fn cut_to(&mut self, width: usize) {
        let width_of = |(i, head): (usize, &&str)| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.width());
            cells.max().unwrap_or(0).max(head.width())
        };
        let mut widths: Vec<_> = self.heads.iter().enumerate().map(width_of).collect();
        let least = |i: usize| self.heads.get(i).map_or(0, |head| head.width()).max(LEAST_WIDTH);
        // The line under the heads goes on below the last space, which is not written.
        let between = BETWEEN * widths.len().saturating_sub(1) + usize::from(PADDING.1);
        while widths.iter().sum::<usize>() + between > width {
            let may_be_cut = widths.iter_mut().enumerate().filter(|(i, width)| {
                self.cut.get(*i).is_some_and(|may_be_cut| *may_be_cut) && **width > least(*i)
            });
            // The longest first.
            let Some((_, longest)) = may_be_cut.max_by_key(|(_, width)| **width) else { break };
            *longest -= 1;
        }
        for row in &mut self.rows {
            for (cell, width) in row.iter_mut().zip(&widths) {
                if cell.width() > *width {
                    *cell = cut(cell, *width);
                }
            }
        }
    }
}

/// The beginning of a text, in so many columns of the terminal.
fn cut(text: &str, width: usize) -> String {
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| {
        let fits = c.width().unwrap_or(0) <= left;
        left = left.saturating_sub(c.width().unwrap_or(0));
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

fn grid_lines(heads: &[&str], sides: &[Side], rows: Vec<Vec<String>>) -> Vec<String> {
    let mut grid = Grid::new();
    grid.load_style(STYLE);
    grid.set_header(heads);
    grid.add_rows(rows);
    for (i, side) in sides.iter().enumerate() {
        if let Some(column) = grid.column_mut(i) {
            column.set_padding(PADDING).set_cell_alignment(match side {
                Side::Left => CellAlignment::Left,
                Side::Right | Side::Point => CellAlignment::Right,
            });
        }
    }
    grid.lines().collect()
}

/// Names and values, without heads.
pub(crate) fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    Table::new(&["", ""])
        .rows(pairs.into_iter().map(|(name, value)| vec![name.to_owned(), value]))
        .in_words()
}

/// Pads each number of a column to the decimals of the longest.
fn align_points(rows: &mut [Vec<String>], column: usize) {
    let decimals = |text: &str| text.find('.').map_or(0, |point| text.len() - point);
    let cells = || rows.iter().filter_map(|row| row.get(column));
    let most = cells().map(|cell| decimals(cell)).max().unwrap_or(0);
    for cell in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
        if !cell.is_empty() {
            *cell += &" ".repeat(most - decimals(cell));
        }
    }
}

/// A text of unknown origin in one line, without what a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    if !text.chars().any(steers) {
        return text.to_owned();
    }
    let shown = |c: char| if steers(c) { c.escape_default().to_string() } else { c.into() };
    text.chars().map(shown).collect()
}

/// Whether a terminal obeys it rather than shows it: controls, and what turns the direction of text
/// (Unicode's `Bidi_Control`), by which a name would stand where another one is.
fn steers(c: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}'];
    let embeds = ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
    c.is_control() || turns.contains(&c) || embeds.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stand_below_each_other_and_totals_stand_apart() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let text = Table::new(&["what", ">n", ".amount", "none"])
            .rows([row(["days", "3000", "1200", ""]), row(["days", "30", "9.9", ""])])
            .total("total", "amount", "1209.90".to_owned())
            .in_words();
        let expected = "\
what      n   amount
─────────────────────
days   3000  1200
days     30     9.9
─────────────────────
total        1209.90
";
        assert_eq!(text, expected, "\n{text}");
    }

    #[test]
    fn on_a_terminal_long_names_are_cut_and_what_is_copied_is_not() {
        let rows =
            || [("1", "a1", "team"), ("2", "a2", "an account with a name as long as a line")];
        let rows = || rows().map(|(n, id, name)| vec![n.to_owned(), id.repeat(9), name.to_owned()]);
        let table = || Table::new(&[">n", "account", "~name", "none"]).rows(rows());
        let expected = "\
n  account             name
────────────────────────────────────────
1  a1a1a1a1a1a1a1a1a1  team
2  a2a2a2a2a2a2a2a2a2  an account with…
";
        let text = table().in_words_within(Some(40));
        assert_eq!(text, expected, "\n{text}");
        let whole = table().in_words();
        assert!(whole.contains("a name as long as a line"));
        assert_eq!(table().in_words_within(Some(80)), whole);
        // However narrow it is, something is left to see.
        let narrow = table().in_words_within(Some(1));
        assert!(narrow.contains("a2a2a2a2a2a2a2a2a2  an account …\n"), "{narrow}");
        // What takes two columns each is not cut in the middle.
        assert_eq!(cut("größe 量量量", 9), "größe 量…");
        assert_eq!(cut("größe 量量量", 10), "größe 量…");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal_or_break_the_table() {
        assert_eq!(printable("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!(printable("a\u{202e}b\u{2069}\u{61c}"), "a\\u{202e}b\\u{2069}\\u{61c}");
        assert_eq!(printable("größe 量"), "größe 量");
    }
}
