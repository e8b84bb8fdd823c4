//! `defaults`: the catalog of cited values.

use super::args::{Cli, DefaultsOutput};
use super::{Failure, Status, print, width};
use crate::scenario::{DefaultRow, defaults_table};
use comfy_table::{ContentArrangement, Table, presets};

/// `ridethrough defaults`.
pub fn defaults(cli: &Cli, filter: Option<&str>, output: DefaultsOutput) -> Result<Status, Failure> {
    let rows = defaults_table(filter);
    if rows.is_empty() {
        let filter = filter.unwrap_or_default();
        return Err(Failure::Usage(format!(
            "no catalog key has to do with {filter:?}: ridethrough defaults lists them all"
        )));
    }
    match output {
        DefaultsOutput::Json => print(&(serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n")),
        DefaultsOutput::Csv => print(&csv(&rows)),
        DefaultsOutput::Table => print(&table(cli, &rows)),
    }
}

fn csv(rows: &[DefaultRow]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let header = ["key", "value", "low", "high", "unit", "default_of", "source", "url", "date", "grade", "note"];
    let records = rows.iter().map(|row| {
        [
            row.key.clone(),
            row.value.clone(),
            number(row.low),
            number(row.high),
            row.unit.clone(),
            row.default_of.join(" "),
            row.source.clone(),
            row.url.clone(),
            row.date.clone(),
            row.grade.clone(),
            row.note.clone(),
        ]
    });
    // Writing to memory cannot fail.
    let _ = writer.write_record(header);
    records.for_each(|record| drop(writer.write_record(record)));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn table(cli: &Cli, rows: &[DefaultRow]) -> String {
    let mut table = Table::new();
    table.load_style(if cli.ascii { presets::ASCII_HORIZONTAL_ONLY } else { presets::UTF8_HORIZONTAL_ONLY });
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width()).unwrap_or(u16::MAX));
    table.set_header(["key", "value", "default of", "source, date", "grade"]);
    for row in rows {
        let source = format!("{}, {}", row.source, row.date);
        table.add_row([&row.key, &row.value, &row.default_of.join(" "), &source, &row.grade]);
    }
    format!(
        "{table}\n\nWrite \"catalog:KEY\" wherever a scenario takes a value. Grades: V read in the source, S in a secondary page, \
         D derived from\nincident data, M from memory, A assumption, B example of the lesson. Notes, ranges and addresses: \
         --output csv.\n"
    )
}
