//! How the error budget is used, and how often a period stays within it.

use super::curves::{Curves, Of, series};
use super::documents::{Block, Documents, Section};
use super::figure::{cell, table};
use crate::report::value::Unit;
use maud::{Markup, html};

pub(super) fn section<'a>(documents: &Documents<'a>) -> Option<Section<'a>> {
    let architectures = documents.architectures();
    let with_budget: Vec<_> = architectures.iter().filter(|it| !it.key("error_budget").is_null()).collect();
    if with_budget.is_empty() {
        return None;
    }
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for it in &with_budget {
        let budget = it.key("error_budget");
        for (period, met) in [
            ("month", "probability_month_met"),
            ("quarter", "probability_quarter_met"),
            ("year", "probability_objective_met"),
        ] {
            let used = budget.key(period);
            if used.is_null() {
                continue;
            }
            let mut row = vec![html! { (it.key("name").text()) }, cell(period), it.key(met).reading(Unit::Share, "–")];
            row.extend(["p50", "p95", "p99", "max"].map(|quantile| {
                let at = if quantile == "max" { used.key("max") } else { used.key(quantile).key("estimate") };
                at.data(&at.number().map_or_else(|| "–".to_owned(), |share| Of::Budget.text(share)))
            }));
            rows.push(row);
        }
    }
    let curves = Curves {
        stem: "error-budget",
        column: "budget_used",
        name: "Error budget of a month",
        caption:
            "Share of months that use more of the budget that the availability objective allows; 100 % is all of it."
                .to_owned(),
        x_title: "budget used in a month",
        y_title: "months that use more",
        exceedance: true,
        of: Of::Budget,
        series: series(&architectures, "error_budget.month"),
        limits: vec![(1.0, "all of the budget".to_owned())],
    };
    let head = ["architecture", "period", "within its budget", "used, median", "used, p95", "used, p99", "used, most"];
    let used = table(
        "How often a period stays within its budget, and how much of it is used",
        &head,
        2,
        &rows,
        documents.room,
    );
    let body = [Block::from(used)].into_iter().chain(curves.figure(documents.room).map(Block::from)).collect();
    Some(Section { id: "budget", title: "Error budget", body })
}
