//! The oldest versions of Node and Python that do.

use crate::process::Call;
use crate::project::Project;
use anyhow::{Context as _, Result, bail};
use std::path::Path;

/// Checks that Node is there and new enough.
pub(crate) fn node(project: &Project) -> Result<()> {
    at_least(project, "node", (20, 19))
}

/// Checks that Node is new enough for the queues that ours is compared with.
pub(super) fn node_of_bench(project: &Project) -> Result<()> {
    at_least(project, "node", (22, 18))
}

/// Checks that Python is there and new enough.
pub(crate) fn python(project: &Project) -> Result<()> {
    at_least(project, "python3", (3, 10))
}

fn at_least(project: &Project, program: &str, least: (u32, u32)) -> Result<()> {
    let (major, minor) = least;
    let wanted = format!("`{program}` {major}.{minor} or newer is needed");
    let printed = Call::new(project, program).arg("--version").output().context(wanted.clone())?;
    match parse(&printed) {
        Some(found) if found >= least => Ok(()),
        Some(_) => bail!("{wanted}; this one is {}", printed.trim()),
        None => bail!("{wanted}; `{program} --version` printed `{}`", printed.trim()),
    }
}

/// The version that a program says it has; none if it is not there or says something else.
pub(super) fn of(project: &Project, program: &Path) -> Option<(u32, u32)> {
    parse(&Call::new(project, program).arg("--version").output().ok()?)
}

/// The first two numbers of `v20.20.2` or `Python 3.11.7`.
fn parse(printed: &str) -> Option<(u32, u32)> {
    let start = printed.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = printed.get(start..)?.split(|character: char| !character.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn versions_are_read_as_the_programs_print_them() {
        assert_eq!(parse("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse("Python 3.9.1\n"), Some((3, 9)));
        assert_eq!(parse("postgres (PostgreSQL) 15.18 (Debian 15.18-0)\n"), Some((15, 18)));
        assert_eq!(parse("Redis server v=7.0.15 sha=00000000:0 bits=64\n"), Some((7, 0)));
        assert_eq!(parse("none"), None);
        assert_eq!(parse("17"), None);
        assert_eq!(parse("17beta1, soon"), None);
        assert!(parse("Python 3.9.1") < Some((3, 10)));
    }
}
