//! Reports as they are read, kept in `golden/` beside this file. `UPDATE_GOLDEN=1 cargo test` rewrites them.

use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/golden");

/// Holds a report to the file of that name. The version in it does not age.
#[track_caller]
pub(super) fn hold(name: &str, report: &str) {
    let report = report.replace(concat!("ridethrough ", env!("CARGO_PKG_VERSION")), "ridethrough VERSION");
    let path = Path::new(FOLDER).join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, report).expect("the golden file can be written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == report, "{name} differs (UPDATE_GOLDEN=1 accepts it):\n{report}");
}
