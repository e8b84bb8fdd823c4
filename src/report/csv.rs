//! Tidy CSV: one number per line, for a data frame.

use super::metric::{METRICS, Measured};
use crate::statistics::Estimate;
use crate::study::{Study, Summary};

/// Columns after those that say what a line is about.
const NUMBER_COLUMNS: [&str; 6] = ["metric", "estimate", "low", "high", "level", "method"];

/// Every metric of every architecture, its causes, and the paired differences.
#[must_use]
pub fn csv(study: &Study) -> String {
    let mut lines = vec![header(&["architecture".to_owned()])];
    for summary in &study.architectures {
        let name = std::slice::from_ref(&summary.name);
        lines.extend(summary_lines(name, summary));
        if study.interrupted {
            lines.push(line(name, "interrupted".to_owned(), &Measured::Plain(1.0)));
        }
    }
    for comparison in &study.comparisons {
        let pair = format!("{} - {}", comparison.left, comparison.right);
        let difference = &comparison.lost_seconds_per_year_difference;
        lines.push(line(&[pair], "lost_seconds_per_year_difference".to_owned(), &Measured::from(difference)));
    }
    written(&lines)
}

/// The header line, with the columns that say what a line is about in front.
pub(super) fn header(leading: &[String]) -> Vec<String> {
    leading.iter().cloned().chain(NUMBER_COLUMNS.map(str::to_owned)).collect()
}

/// All lines of one architecture.
pub(super) fn summary_lines(leading: &[String], summary: &Summary) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = METRICS
        .iter()
        .map(|metric| (metric.key, (metric.read)(summary)))
        .filter(|(_, measured)| !matches!(measured, Measured::Absent))
        .map(|(key, measured)| line(leading, key.to_owned(), &measured))
        .collect();
    for (metric, exact, z) in super::beside::lines(summary) {
        let known = Estimate { estimate: exact, low: exact, high: exact, level: 1.0, method: "exact" };
        lines.push(line(leading, format!("exact.{metric}"), &Measured::Estimate(known)));
        if let Some(z) = z {
            lines.push(line(leading, format!("exact.{metric}.z"), &Measured::Plain(z)));
        }
    }
    for cause in &summary.attribution {
        let mut add = |metric: &str, measured: Measured| {
            lines.push(line(leading, format!("attribution.{}.{metric}", cause.name), &measured));
        };
        add("lost_seconds_per_year", (&cause.lost_seconds_per_year).into());
        add("share", Measured::Plain(cause.share));
        add("incidents_per_year", (&cause.incidents_per_year).into());
        if let Some(p95) = &cause.recovery_time.p95 {
            add("recovery_time_seconds.p95", p95.into());
        }
        for (stage, seconds) in crate::study::STAGES.iter().zip(cause.stages) {
            add(&format!("stages.{stage}"), Measured::Plain(seconds));
        }
    }
    lines
}

/// One line: what it is about, the metric, the numbers.
pub(super) fn line(leading: &[String], metric: String, measured: &Measured) -> Vec<String> {
    let numbers = match measured {
        Measured::Estimate(Estimate { estimate, low, high, level, method }) => {
            [number(*estimate), number(*low), number(*high), number(*level), (*method).to_owned()]
        }
        Measured::Nines(nines) => [
            nines.estimate.map(number).unwrap_or_default(),
            number(nines.low),
            nines.high.map(number).unwrap_or_default(),
            number(nines.level),
            nines.method.to_owned(),
        ],
        Measured::Plain(plain) => [number(*plain), String::new(), String::new(), String::new(), "counted".to_owned()],
        Measured::Absent => Default::default(),
    };
    leading.iter().cloned().chain([metric]).chain(numbers).collect()
}

/// The shortest text that reads back as the same number; nothing where there is none.
pub(super) fn number(number: f64) -> String {
    if !number.is_finite() {
        String::new()
    } else if number != 0.0 && !(1e-7..1e16).contains(&number.abs()) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// Lines as CSV text.
pub(super) fn written(lines: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for line in lines {
        // A Vec never refuses bytes, and a flexible writer no line.
        let _ = writer.write_record(line);
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn every_line_has_the_columns_of_the_header() {
        let text = csv(&sample::study());
        assert!(text.starts_with("architecture,metric,estimate,low,high,level,method\n"));
        assert!(text.contains("\nsingle-az,lost_seconds_per_year,160000,144000,176000,0.95,student\n"));
        assert!(text.contains("\nmulti-az - multi-region,lost_seconds_per_year_difference,9900,"));
        assert!(text.contains("\nmulti-az,attribution.zone outage.stages.detection,"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert!(reader.records().all(|record| record.is_ok_and(|record| record.len() == 7)));
    }

    #[test]
    fn absent_numbers_are_empty_never_nan() {
        let text = csv(&sample::alone(sample::lossless("web, quiet")));
        assert!(text.contains("\n\"web, quiet\",nines,,7.52,,0.95,rule of three\n"));
        assert!(!text.contains("NaN") && !text.contains("inf"));
    }

    #[test]
    fn numbers_read_back_as_themselves() {
        for value in [0.0, 3e-8, 0.1, 12_345.678, 1e300, -2.5e-9] {
            assert_eq!(number(value).parse::<f64>().ok(), Some(value));
        }
        assert_eq!(number(f64::NAN), "");
    }
}
