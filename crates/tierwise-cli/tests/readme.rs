//! The README's words, as a new user would type them. `TRYCMD=overwrite cargo test` writes what the
//! command says now into it.

#[test]
fn the_commands_of_the_readme_answer_as_it_says() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    std::env::set_current_dir(root).expect("the repository is there");
    trycmd::TestCases::new().case("README.md");
}
