// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `figure` and `figures`.

use super::{Failure, root};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sim::figure::{ALL, Context, Figure};
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
    println!("{}", serde_json::to_string(&figure).map_err(Failure::tool)?);
    Ok(u8::from(!figure.ok))
}

/// All figures and the page that shows them.
pub fn all(a: FiguresArgs) -> Result<u8, Failure> {
    let (context, bar) = context(a.scale.as_deref())?;
    let mut figures = Vec::new();
    for m in ALL {
        (context.say)(m.name);
        let figure = (m.run)(&context).map_err(Failure::tool)?;
        bar.suspend(|| println!("{}", serde_json::to_string(&figure).unwrap_or_default()));
        figures.push(figure);
    }
    bar.finish_and_clear();
    let page = context.root.join("docs/figures.md");
    std::fs::write(&page, text(&figures, context.small))
        .map_err(|e| Failure::input(anyhow::anyhow!("{}: {e}", page.display())))?;
    println!("written {}", page.display());
    Ok(u8::from(figures.iter().any(|f| !f.ok)))
}

fn text(figures: &[Figure], small: bool) -> String {
    let mut t = String::from(
        "<!-- SPDX-License-Identifier: Apache-2.0 OR MIT -->\n<!-- Written by `make figures`; do not edit. -->\n# Figures\n\n\
         Each is measured by `make figure NAME=name`. ",
    );
    t += if small { "This page was measured in short forms (SCALE=small).\n" } else { "\n" };
    for f in figures {
        t += &format!(
            "\n## {}\n\n| | |\n|---|---|\n| value | `{}` |\n| unit | {} |\n| goal | {} |\n| reached | {} |\n",
            f.name,
            f.value,
            f.unit,
            f.goal,
            if f.ok { "yes" } else { "**no**" }
        );
        if let Some(s) = &f.spread {
            t += &format!("| spread | `{s}` |\n");
        }
        t += &format!("| how | {} |\n", f.how);
    }
    t
}
