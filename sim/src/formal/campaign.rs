// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Many laws, a few at a time.

use super::breaks::Broken;
use super::design::Design;
use super::kept::Kept;
use super::plan::{Plan, Proof};
use super::prove::{Report, prove};
use super::tool::install;
use crate::mutant::{Mutant, changed, load};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use vectors::suite::accepts;

/// What to prove, and how.
pub struct Campaign {
    root: PathBuf,
    plan: Plan,
    /// Only laws whose `proof/law` this accepts.
    pub filter: Option<String>,
    /// Only laws of the short form.
    pub small: bool,
    /// Laws at a time.
    pub workers: usize,
}

/// Does `job` to all items, `workers` at a time, and tells each result; the results in the order of the items.
fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    workers: usize,
    job: impl Fn(&T) -> Result<R> + Sync,
    tell: impl FnMut(&R) + Send,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<(Vec<Option<Result<R>>>, _)> = Mutex::new((items.iter().map(|_| None).collect(), tell));
    std::thread::scope(|s| {
        for _ in 0..workers.min(items.len()) {
            s.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    let result = job(item);
                    let mut done = done.lock().expect("no thread panics");
                    if let Ok(r) = &result {
                        (done.1)(r);
                    }
                    done.0[i] = Some(result);
                }
            });
        }
    });
    let (results, _) = done.into_inner().expect("no thread panics");
    results.into_iter().map(|r| r.expect("each was done")).collect()
}

impl Campaign {
    /// All laws, two at a time; brings the tools.
    ///
    /// # Errors
    /// The tools cannot be had; the plan is wrong.
    pub fn new(root: &Path) -> Result<Self> {
        install(root)?;
        Ok(Self { root: root.to_owned(), plan: Plan::load(&root.join("rtl"))?, filter: None, small: false, workers: 2 })
    }

    /// The plan.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    fn wanted(&self) -> Vec<(&Proof, &str)> {
        let all = self.plan.proofs.iter().flat_map(|p| p.laws.iter().map(move |(n, l)| (p, n.as_str(), l)));
        all.filter(|(p, n, l)| {
            (!self.small || l.small) && self.filter.as_ref().is_none_or(|f| accepts(f, &format!("{}/{n}", p.name)))
        })
        .map(|(p, n, _)| (p, n))
        .collect()
    }

    /// Proves them; tells each.
    ///
    /// # Errors
    /// Nothing matches; a tool fails.
    pub fn run(&self, tell: impl FnMut(&Report) + Send) -> Result<Vec<Report>> {
        let wanted = self.wanted();
        if wanted.is_empty() {
            bail!("no law matches {:?}", self.filter.as_deref().unwrap_or_default());
        }
        let dir = self.root.join("target/formal");
        let kept = Kept::new(&dir.join("kept"));
        let mut designs: BTreeMap<&str, Design<'_>> = BTreeMap::new();
        for (p, _) in &wanted {
            if !designs.contains_key(p.name.as_str()) {
                designs.insert(&p.name, Design::new(&self.root, p, &dir.join(&p.name), None)?);
            }
        }
        side_by_side(
            &wanted,
            self.workers,
            |(p, n)| prove(&self.root, &kept, &designs[p.name.as_str()], n, false),
            tell,
        )
    }

    /// Plants each fault of sim/mutants/formal and looks for counterexamples to the laws that it names.
    ///
    /// # Errors
    /// A fault does not fit or names a law that is not there; a tool fails.
    pub fn breaks(&self, tell: impl FnMut(&Broken) + Send) -> Result<Vec<Broken>> {
        let mutants = load(&self.root.join("sim/mutants/formal"), None)?;
        let rtl = self.root.join("rtl");
        let mut items = Vec::new();
        for m in &mutants {
            for proof in &m.tests {
                let p = self.plan.proofs.iter().find(|p| p.name == *proof);
                let p = p.with_context(|| format!("{}: no proof is called {proof}", m.path.display()))?;
                let laws: Vec<&str> = m.expect.iter().map(String::as_str).filter(|l| p.laws.contains_key(*l)).collect();
                if laws.is_empty() {
                    bail!("{}: {proof} has none of its laws", m.path.display());
                }
                let laws: Vec<&str> = laws
                    .into_iter()
                    .filter(|l| self.filter.as_ref().is_none_or(|f| accepts(f, &format!("{proof}/{l}"))))
                    .filter(|l| !self.small || p.laws[*l].small)
                    .collect();
                if !laws.is_empty() {
                    items.push((m, p, laws));
                }
            }
        }
        let dir = self.root.join("target/formal");
        let kept = Kept::new(&dir.join("kept"));
        let tell = Mutex::new(tell);
        let job = |(m, p, laws): &(&Mutant, &Proof, Vec<&str>)| -> Result<Vec<Broken>> {
            let text = changed(m, &rtl)?;
            let design =
                Design::new(&self.root, p, &dir.join("breaks").join(&m.name).join(&p.name), Some((&m.file, &text)))
                    .with_context(|| m.path.display().to_string())?;
            let mut all = Vec::new();
            for law in laws {
                let r = prove(&self.root, &kept, &design, law, true)?;
                let b = Broken {
                    name: m.name.clone(),
                    law: format!("{}/{law}", p.name),
                    standing: r.standing,
                    seconds: r.seconds,
                };
                (tell.lock().expect("no thread panics"))(&b);
                all.push(b);
            }
            Ok(all)
        };
        Ok(side_by_side(&items, self.workers, job, |_| {})?.into_iter().flatten().collect())
    }
}
