//! Small worlds, enumerated: the compiled table against addition unit by unit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rust_decimal::Decimal;
use tierwise::{
    BandUpTo, Bands, ById, Catalog, CatalogSpec, PriceModel, PriceSpec, Quantity, TierSpec,
    UnitPrice, example,
};

/// P3, the rate card of semantics.md as somebody would type it: day prices and where they end.
const PRINTED: [(&str, &[(&str, u64)]); 3] = [
    ("limited_msg_no_chat_history", &[("0.034", u64::MAX)]),
    (
        "unlimited_msg_no_chat_history",
        &[("0.3", 3000), ("0.27", 15_000), ("0.24", 30_000), ("0.2", 150_000), ("0.15", u64::MAX)],
    ),
    (
        "unlimited_msg_chat_history",
        &[("0.4", 3000), ("0.33", 15_000), ("0.27", 30_000), ("0.24", 150_000), ("0.2", u64::MAX)],
    ),
];

#[test]
fn p3_every_total_to_200_000_is_the_sum_of_its_days() {
    let catalog = Catalog::compile(example::messaging()).unwrap();
    for (id, printed) in PRINTED {
        let tier = catalog.tier(id).unwrap();
        let price = tier.account_days().unwrap();
        let mut added = Decimal::ZERO;
        for n in 0..=200_000_u64 {
            if n > 0 {
                let (of_n, _) = printed.iter().find(|(_, last)| n <= *last).unwrap();
                added += Decimal::from_str_exact(of_n).unwrap();
                let single = price.band_of_unit(n).unwrap().unit_price();
                assert_eq!(single.to_string(), *of_n, "{id} {n}");
            }
            let total = price.total(Quantity::whole(n).unwrap()).unwrap();
            assert_eq!(total.to_decimal(), added, "{id} {n}");
        }
    }
}

/// One tier with one price on a meter of account-days.
fn catalog_of(model: PriceModel) -> Catalog {
    let example = example::messaging();
    let price = PriceSpec { id: "days".into(), meter: "account_day".into(), model };
    let tier = TierSpec {
        id: "only".into(),
        name: None,
        rank: 1,
        features: ById::default(),
        limits: ById::default(),
        creation_charge: None,
        prices: vec![price],
    };
    let spec = CatalogSpec { default_tier: None, tiers: vec![tier], ..example };
    Catalog::compile(spec).unwrap()
}

fn thousandths(n: u64) -> UnitPrice {
    UnitPrice::from_millionths(n * 1000).unwrap()
}

/// Every way to cut 1.. into at most 3 bands with limits up to 3.
fn small_cuts() -> Vec<Vec<u64>> {
    let mut cuts = vec![vec![]];
    for first in 1..=3 {
        cuts.push(vec![first]);
        for second in first + 1..=3 {
            cuts.push(vec![first, second]);
        }
    }
    cuts
}

#[test]
fn p1_p3_m2_every_small_catalog_adds_up_unit_by_unit() {
    const PRICES: [u64; 3] = [0, 1000, 2500];
    const FEES: [u64; 2] = [0, 7000];
    let mut catalogs = 0_u32;
    for cut in small_cuts() {
        let bands = cut.len() + 1;
        let choices = (PRICES.len() * FEES.len()).pow(u32::try_from(bands).unwrap());
        for code in 0..2 * choices {
            let fee_at_zero = code % 2 == 1;
            let mut rest = code / 2;
            let mut pick = |choices: &[u64]| {
                let choice = choices[rest % choices.len()];
                rest /= choices.len();
                choice
            };
            let written: Vec<(Option<u64>, u64, u64)> =
                (0..bands).map(|i| (cut.get(i).copied(), pick(&PRICES), pick(&FEES))).collect();
            check_small(&written, fee_at_zero);
            catalogs += 1;
        }
    }
    // 1 cut of one band, 3 of two, 3 of three; 6 choices a band; the fee at zero due or not.
    assert_eq!(catalogs, 2 * (6 + 3 * 36 + 3 * 216));
}

fn check_small(written: &[(Option<u64>, u64, u64)], fee_at_zero: bool) {
    let bands = written.iter().map(|(up_to, price, fee)| BandUpTo {
        up_to: *up_to,
        unit_price: thousandths(*price),
        flat_fee: thousandths(*fee),
    });
    let model = PriceModel::Graduated { bands: Bands::UpTo(bands.collect()), fee_at_zero };
    let catalog = catalog_of(model);
    let price = catalog.tier("only").unwrap().account_days().unwrap();
    for q in 0..=5 {
        let band_of = |n: u64| written.iter().position(|(to, ..)| to.is_none_or(|to| n <= to));
        let mut thousandths = 0;
        let mut entered = None;
        for n in 1..=q {
            let band = band_of(n).unwrap();
            thousandths += written[band].1;
            if entered != Some(band) {
                thousandths += written[band].2;
                entered = Some(band);
            }
        }
        if q == 0 && fee_at_zero {
            thousandths = written[0].2;
        }
        let total = price.total(Quantity::whole(q).unwrap()).unwrap();
        let expected = Decimal::new(i64::try_from(thousandths).unwrap(), 3);
        assert_eq!(total.to_decimal(), expected.normalize(), "{written:?} {fee_at_zero} {q}");
        let lines = price.lines(Quantity::whole(q).unwrap()).map(|line| line.amount);
        assert_eq!(tierwise::Amount::sum(lines).unwrap(), total, "{written:?} {fee_at_zero} {q}");
    }
}
