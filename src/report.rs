//! Results as tables, files and pictures. The input is a [`Study`]; nothing here knows how it was obtained.
//!
//! Every number comes with its interval, and a sentence claims only what the paired differences support. The list of
//! metrics lives once, in `metric`; tables, CSV and Markdown walk it.

mod answer;
mod architecture;
mod axis;
mod beside;
mod by_hand;
mod chart;
mod csv;
mod distributions;
mod drill;
mod explain;
mod gate;
#[cfg(test)]
mod golden;
mod html;
mod importance;
mod json;
mod layout;
mod live;
mod markdown;
mod metric;
mod optimize;
mod picture;
#[cfg(test)]
mod sample;
mod size;
mod sweep;
mod terminal;
mod thinned;
mod uncertainty;
mod value;
mod verify;
mod xml;

pub use crate::file::{Error, prepare_folder, write_atomically};
pub use architecture::architecture_json;
pub use chart::{
    CHARTED, ChartError, charts, draw, explain_charts, file_name, optimize_charts, sweep_charts, uncertainty_charts,
};
pub use csv::csv;
pub use drill::{drill_csv, drill_json, drill_markdown, drill_terminal};
pub use explain::{explain_json, explain_markdown, explain_terminal};
pub use gate::{
    Baseline, Condition, ConditionError, Fails, Gate, Judged, Origin, condition, demand, gate_github, gate_json,
    gate_junit, gate_markdown, gate_terminal,
};
pub use html::{NoResult, is_result, page};
pub use importance::{importance_csv, importance_json, importance_markdown, importance_terminal};
pub use json::json;
pub use live::{Course, Running, Until, live};
pub use markdown::markdown;
pub use optimize::{Choices, Optimization, optimize_csv, optimize_json, optimize_markdown, optimize_terminal};
pub use size::{SizeValue, Sizing, size_csv, size_json, size_markdown, size_terminal};
pub use sweep::{Sweep, SweepPoint, sweep_csv, sweep_json, sweep_markdown, sweep_terminal};
pub use terminal::terminal;
pub use uncertainty::{uncertainty_csv, uncertainty_json, uncertainty_markdown, uncertainty_terminal};
pub use verify::{verify_json, verify_text};

#[cfg(doc)]
use crate::study::Study;
