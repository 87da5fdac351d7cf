// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `figure` and `figures`.

use super::{Failure, root};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use sim::figure::{ALL, Context, Figure};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Arguments of `figure`.
#[derive(Args)]
pub struct FigureArgs {
    /// Name of the figure.
    pub name: Option<String>,
    /// `small`: a short form, which says that it is one.
    #[arg(long)]
    pub scale: Option<String>,
}

/// Arguments of `figures`.
#[derive(Args)]
pub struct FiguresArgs {
    /// `small`: short forms.
    #[arg(long)]
    pub scale: Option<String>,
    /// Do not measure: write the page from what `figure` measured last, kept in target/figures/.
    #[arg(long)]
    pub stored: bool,
}

/// Where the last measurement of a figure is kept.
fn store(root: &Path, name: &str) -> PathBuf {
    root.join("target/figures").join(format!("{name}.json"))
}

fn keep(root: &Path, figure: &Figure) -> Result<Value, Failure> {
    let value = serde_json::to_value(figure).map_err(Failure::tool)?;
    let file = store(root, figure.name);
    std::fs::create_dir_all(file.parent().expect("below target"))
        .and_then(|()| std::fs::write(&file, format!("{value}\n")))
        .map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", file.display())))?;
    Ok(value)
}

fn context(scale: Option<&str>) -> Result<(Context, ProgressBar), Failure> {
    let small = match scale {
        None | Some("full") => false,
        Some("small") => true,
        Some(other) => return Err(Failure::input(anyhow::anyhow!("SCALE={other}: only `small` and `full` are known"))),
    };
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}").expect("a fixed template"));
    bar.enable_steady_tick(Duration::from_millis(250));
    let told = bar.clone();
    let say = Box::new(move |text: &str| told.set_message(text.to_string()));
    Ok((Context { root: root(), small, say }, bar))
}

/// One figure, or the list.
pub fn one(a: FigureArgs) -> Result<u8, Failure> {
    let Some(name) = a.name else {
        for m in ALL {
            println!("{:20} {}", m.name, m.about);
        }
        return Ok(0);
    };
    let Some(m) = ALL.iter().find(|m| m.name == name) else {
        let names: Vec<&str> = ALL.iter().map(|m| m.name).collect();
        return Err(Failure::input(anyhow::anyhow!("no figure is called `{name}`; there are {}", names.join(", "))));
    };
    let (context, bar) = context(a.scale.as_deref())?;
    let figure = (m.run)(&context);
    bar.finish_and_clear();
    let figure = figure.map_err(Failure::tool)?;
    println!("{}", keep(&context.root, &figure)?);
    Ok(u8::from(!figure.ok))
}

/// All figures and the page that shows them.
pub fn all(a: FiguresArgs) -> Result<u8, Failure> {
    let (context, bar) = context(a.scale.as_deref())?;
    let mut figures = Vec::new();
    for m in ALL {
        if a.stored {
            let file = store(&context.root, m.name);
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let value =
                serde_json::from_str(&text).map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", file.display())))?;
            figures.push(value);
            continue;
        }
        (context.say)(m.name);
        let figure = (m.run)(&context).map_err(Failure::tool)?;
        let value = keep(&context.root, &figure)?;
        bar.suspend(|| println!("{value}"));
        figures.push(value);
    }
    bar.finish_and_clear();
    let page = context.root.join("docs/figures.md");
    std::fs::write(&page, text(&figures, context.small))
        .map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", page.display())))?;
    println!("written {}", page.display());
    Ok(u8::from(figures.iter().any(|f| f["ok"] != true)))
}

/// A value that is a list of rows with equal columns, as a table.
fn table(value: &Value) -> Option<String> {
    let rows: Vec<_> = value.as_array()?.iter().map(Value::as_object).collect::<Option<_>>()?;
    let columns: Vec<&String> = rows.first()?.keys().collect();
    let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), |s| s.replace('|', "\\|"));
    let mut t = format!(
        "| {} |\n|{}\n",
        columns.iter().map(|c| c.replace('_', " ")).collect::<Vec<_>>().join(" | "),
        "---|".repeat(columns.len())
    );
    for row in rows {
        if row.keys().collect::<Vec<_>>() != columns || row.values().any(|v| v.is_object() || v.is_array()) {
            return None;
        }
        t += &format!("| {} |\n", row.values().map(cell).collect::<Vec<_>>().join(" | "));
    }
    Some(t)
}

fn text(figures: &[Value], small: bool) -> String {
    let mut t = String::from(
        "<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->\n<!-- Written by `make figures`; do not edit. -->\n# Figures\n\n\
         Each is measured by `make figure NAME=name`.",
    );
    t += if small { " This page was measured in short forms (SCALE=small).\n" } else { "\n" };
    for f in figures {
        let word = |k: &str| f[k].as_str().unwrap_or_default().replace('|', "\\|");
        let reached = if f["ok"] == true { "yes" } else { "**no**" };
        t += &format!("\n## {}\n\n| | |\n|---|---|\n", word("name"));
        let rows = table(&f["value"]);
        if rows.is_none() {
            t += &format!("| value | `{}` |\n", f["value"]);
        }
        t += &format!("| unit | {} |\n", word("unit"));
        t += &format!("| goal | {} |\n| reached | {reached} |\n", word("goal"));
        if !f["spread"].is_null() {
            t += &format!("| spread | `{}` |\n", f["spread"]);
        }
        t += &format!("| how | {} |\n", word("how"));
        if let Some(rows) = rows {
            t += &format!("\n{rows}");
        }
    }
    let measured = |name: &str| figures.iter().any(|f| f["name"] == name);
    let rest: Vec<String> = ALL.iter().filter(|m| !measured(m.name)).map(|m| format!("`{}`", m.name)).collect();
    if !rest.is_empty() {
        t += &format!("\n## Not measured for this page\n\n{}.\n", rest.join(", "));
    }
    t
}
