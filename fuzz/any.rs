//! All targets in one binary: `ASTROLINT_TARGET` names the one to run. `fuzz/run` sets it.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use astrolint::properties::{TARGETS, Target, seeds, target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("ASTROLINT_TARGET").unwrap_or_default();
    target(&name).unwrap_or_else(|| {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        std::process::exit(2)
    })
});

/// Writes the seeds of the target into the directory that `ASTROLINT_SEEDS` names.
fn write_seeds() {
    let Some(directory) = std::env::var_os("ASTROLINT_SEEDS") else { return };
    std::fs::create_dir_all(&directory).unwrap();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (number, seed) in seeds(&TARGET, repository).iter().enumerate() {
        std::fs::write(Path::new(&directory).join(format!("seed-{number}")), seed).unwrap();
    }
}

fuzz_target!(init: write_seeds(), |data: &[u8]| {
    (TARGET.run)(&String::from_utf8_lossy(data));
});
