//! The figures of the component that are the same on every machine: its size, and the fuel and the
//! memory of the golden cases. Tested, and printed by the bench.

use std::{collections::HashMap, io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use tierwise_host::{BUILT_IN, CheckedComponent, Host, Usage};
use tierwise_vectors::{CatalogChoice, files_below, read_file};

/// The most that the component may weigh, compressed as the module for browsers is, in bytes.
pub(crate) const MAX_COMPONENT_BYTES: usize = 100_000;
/// The most fuel that the question of a golden case may take: a fifth of 11 million.
pub(crate) const MAX_FUEL: u64 = 2_200_000;
/// The most fuel that loading its catalog may take, once for all questions.
pub(crate) const MAX_LOAD_FUEL: u64 = 11_000_000;
/// The most memory that the golden cases may take, in bytes.
pub(crate) const MAX_MEMORY_BYTES: usize = 2 << 20;

pub(crate) const MESSAGING: &str = include_str!("../../../../catalogs/messaging.json");
const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");

/// How large the component is, compressed, in bytes.
pub(crate) fn packed_size() -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(BUILT_IN).unwrap();
    encoder.finish().unwrap().len()
}

/// What the golden cases take, each in an instance of its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) cases: usize,
    /// The case that takes the most, its catalog being loaded.
    pub(crate) dearest: (String, u64),
    /// The case whose catalog takes the most to load.
    pub(crate) dearest_load: (String, u64),
    pub(crate) memory_bytes: usize,
    /// The longest request or catalog.
    pub(crate) input_bytes: usize,
    /// The longest answer.
    pub(crate) output_bytes: usize,
}

/// Asks all golden cases. An instance answers nothing but one case, so that the figures depend on
/// nothing else.
pub(crate) fn of_golden_cases(component: &CheckedComponent) -> Figures {
    let host = Host::new(component.clone());
    let mut figures = Figures::default();
    let mut loads: HashMap<CatalogChoice, u64> = HashMap::new();
    for file in files_below(Path::new(VECTORS)).unwrap() {
        for case in read_file(&file).unwrap() {
            host.drop_idle();
            let text = match &case.catalog {
                CatalogChoice::Messaging => MESSAGING,
                CatalogChoice::Written(text) => text,
            };
            figures.cases += 1;
            figures.input_bytes = figures.input_bytes.max(text.len());
            let loaded = host.load(text);
            figures.count(&case.id, loaded.usage, |figures| &mut figures.dearest_load);
            let before = *loads.entry(case.catalog.clone()).or_insert(loaded.usage.fuel);
            assert_eq!(before, loaded.usage.fuel, "{}: the same catalog, another fuel", case.id);
            if let Ok(catalog) = loaded.answer {
                let request = tierwise_wire::canonical(&case.request);
                let reply = host.ask(&catalog, &case.operation, &request);
                figures.count(&case.id, reply.usage, |figures| &mut figures.dearest);
                figures.input_bytes = figures.input_bytes.max(request.len());
                let length = reply.answer.map_or(0, |answer| answer.len());
                figures.output_bytes = figures.output_bytes.max(length);
            }
        }
    }
    figures
}

impl Figures {
    fn count(&mut self, id: &str, usage: Usage, dearest: fn(&mut Self) -> &mut (String, u64)) {
        self.memory_bytes = self.memory_bytes.max(usage.memory_bytes);
        let dearest = dearest(self);
        if usage.fuel > dearest.1 {
            *dearest = (id.to_owned(), usage.fuel);
        }
    }
}
