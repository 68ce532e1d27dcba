//! Catalog files: three formats, one document; what is wrong is named.

use serde_json::{Value, json};

use crate::run::{Folder, assert_has, tierwise};

/// A small sound catalog.
fn catalog() -> Value {
    json!({
        "tierwise": 1, "id": "small", "version": "1", "currency": "EUR",
        "meters": {"day": {"kind": "active_days"}},
        "tiers": [
            {"id": "one", "rank": 1, "prices": [
                {"id": "days", "meter": "day", "model": "graduated", "bands": [
                    {"from": 1, "to": 10, "price": "0.4"}, {"from": 11, "to": null, "price": "0.3"}
                ]}
            ]},
            {"id": "two", "rank": 2}
        ],
    })
}

#[test]
fn p1_an_unsound_catalog_is_a_finding_that_names_the_place() {
    let price = "/tiers/0/prices/0/bands";
    let wrong: [(&str, Value, &str, &str); 17] = [
        (&format!("{price}/0/price"), json!(0.4), "expected_decimal_string", "0/price"),
        (&format!("{price}/0/price"), json!("0.1234567"), "too_many_places", "0/price"),
        (&format!("{price}/0/price"), json!("-1"), "negative", "0/price"),
        (&format!("{price}/0/price"), json!("1000000000"), "out_of_range", "0/price"),
        (&format!("{price}/0/price"), json!("1,5"), "bad_decimal", "0/price"),
        (&format!("{price}/0/to"), json!(-1), "negative", "0/to"),
        (&format!("{price}/0/to"), json!(1e15), "out_of_range", "0/to"),
        (&format!("{price}/1/from"), json!(12), "band_gap", "1/from"),
        (&format!("{price}/1/from"), json!(10), "band_overlap", "1/from"),
        (&format!("{price}/1/from"), json!(1), "band_order", "1/from"),
        (&format!("{price}/1/to"), json!(20), "no_open_band", "1/to"),
        ("/tiers/1/id", json!("one"), "duplicate_id", "/tiers/1/id"),
        ("/tiers/1/rank", json!(1), "rank_tie", "/tiers/1/rank"),
        ("/tiers/1/rnak", json!(1), "unknown_key", "/tiers/1/rnak"),
        ("/currency", json!("EUX"), "unknown_currency", "/currency"),
        ("/tiers/0/prices/0/model", json!("gradual"), "unknown_model", "model"),
        ("/defaultTier", json!("onne"), "unknown_tier", "/defaultTier"),
    ];
    for (pointer, value, code, path) in wrong {
        let mut catalog = catalog();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = catalog.pointer_mut(parent).unwrap();
        parent[key] = value;
        let folder = Folder::with("c.json", catalog.to_string());
        let check = folder.run(&["catalog", "check", "c.json", "--json"]);
        assert_eq!(check.code, Some(3), "{code}: {check:?}");
        let finding = &check.json()["findings"][0];
        assert_eq!(finding["code"], code, "{finding}");
        assert!(finding["path"].as_str().unwrap().ends_with(path), "{finding}");
        let used = folder.run(&["--catalog", "c.json", "catalog", "show"]);
        assert_eq!((used.code, used.out.as_str()), (Some(1), ""), "{code}");
        assert_has(&used.err, &["error: c.json: /", &format!("code: {code}")]);
    }
}

#[test]
fn f6_json_yaml_and_toml_give_the_same_fingerprint() {
    let folder = Folder::with("c.json", catalog().to_string());
    folder.write("with_mark.JSON", format!("\u{feff}{}", catalog()));
    // JSON is YAML.
    folder.write("c.yaml", catalog().to_string());
    folder.write(
        "c.toml",
        "tierwise = 1\nid = 'small'\nversion = '1'\ncurrency = 'EUR'\n\
         meters.day.kind = 'active_days'\n[[tiers]]\nid = 'one'\nrank = 1\n[[tiers.prices]]\n\
         id = 'days'\nmeter = 'day'\nmodel = 'graduated'\nbands = [{from = 1, to = 10, \
         price = '0.4'}, {from = 11, price = '0.3'}]\n[[tiers]]\nid = 'two'\nrank = 2\n",
    );
    let fingerprint = |name| {
        let run = folder.run(&["catalog", "check", name, "--json"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.json()["fingerprint"].clone()
    };
    let expected = fingerprint("c.json");
    for name in ["with_mark.JSON", "c.yaml", "c.toml"] {
        assert_eq!(fingerprint(name), expected, "{name}");
    }
    let run = folder.run(&["quote", "one=11", "--catalog", "c.toml"]);
    assert_has(&run.out, &["amount due, EUR", " 4.30\n"]);
}

#[test]
fn a_catalog_that_cannot_be_read_says_where_in_one_line() {
    let wrong: [(&str, &[u8], &str); 9] = [
        ("c.json", b"{\"a\":\n}", "bad_json"),
        ("c.json", b"", "bad_json"),
        ("c.json", b"{\"id\":1,\"id\":2}", "duplicate_key"),
        ("c.json", b"{\"id\":\"\xff\"}", "invalid_utf8"),
        ("c.yaml", b"a: [1", "bad_json"),
        ("c.yaml", b"a: 1\na: 2", "duplicate_key"),
        ("c.yaml", b"a: \xff", "invalid_utf8"),
        ("c.toml", b"a = ", "bad_json"),
        ("c.toml", b"a = '\xff'", "invalid_utf8"),
    ];
    for (name, text, code) in wrong {
        let run = Folder::with(name, text).run(&["catalog", "check", name]);
        assert_eq!(run.code, Some(3), "{run:?}");
        assert!(run.out.ends_with(&format!("  code: {code}\n")), "{run:?}");
        assert!(run.out.starts_with(&format!("{name}: ")), "{run:?}");
    }
}

#[test]
fn the_built_in_catalog_is_sound() {
    let run = tierwise(&["catalog", "check"]);
    assert_eq!(run.code, Some(0));
    assert_has(&run.out, &["messaging-accounts version 1 is sound\nfingerprint "]);
}

#[test]
fn m6_rounded_lines_stand_beside_the_exact_ones() {
    let mut catalog = catalog();
    catalog["rounding"] = json!({"apply": "line", "places": 0});
    let folder = Folder::with("c.json", catalog.to_string());
    let run = folder.run(&["quote", "one=11", "--catalog", "c.json"]);
    assert_has(&run.out, &["rounded", "0.3     0.3        0  P5\n"]);
    let log = "at,account,do,tier\n2026-04-20T00:00:00Z,a,create,one\n";
    let invoice = folder.run_with(&["invoice", "--catalog", "c.json"], log);
    assert_has(&invoice.out, &["rounded\n", "total"]);
}
