// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A proof as Yosys reads it: sources with their laws rewritten, and the script that makes one flat design of them.

use super::kept::Key;
use super::laws::{self, Bind};
use super::plan::Proof;
use super::tool::job;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// What a law becomes, see `laws`.
const LAW: &str = "\
module formal_law (input logic clk_i, input logic on_i, input logic holds_i);
  always @(posedge clk_i) if (on_i) holds: assert (holds_i);
endmodule
module formal_given (input logic clk_i, input logic on_i, input logic holds_i);
  always @(posedge clk_i) if (on_i) holds: assume (holds_i);
endmodule
";

/// One proof's design, on the RTL or on a copy with a fault.
pub struct Design<'a> {
    /// Whose it is.
    pub proof: &'a Proof,
    /// Where its files go.
    pub dir: PathBuf,
    root: PathBuf,
    files: Vec<(String, String)>,
    script: String,
    key: Key,
    /// Whether `dir`/design.il is of these texts; held while it is being made.
    made: Mutex<bool>,
}

impl<'a> Design<'a> {
    /// Reads the sources of `proof` below `root`/rtl. `fault`: a file below rtl/ and the text that it has instead.
    ///
    /// # Errors
    /// A source is not there or not read; the fault is in none of them.
    pub fn new(root: &Path, proof: &'a Proof, dir: &Path, fault: Option<(&Path, &str)>) -> Result<Self> {
        if let Some((f, _)) = fault
            && !proof.files.iter().chain(&proof.binds).any(|p| p == f)
        {
            bail!("proof {} does not read {}", proof.name, f.display());
        }
        let read = |f: &PathBuf| match fault {
            Some((g, text)) if f == g => Ok(text.to_owned()),
            _ => {
                let path = root.join("rtl").join(f);
                std::fs::read_to_string(&path).with_context(|| path.display().to_string())
            }
        };
        let texts: Vec<String> = proof.files.iter().map(read).collect::<Result<_>>()?;
        let there: Vec<String> = texts.iter().flat_map(|t| laws::modules(t)).collect();
        let mut binds: Vec<Bind> = Vec::new();
        for f in &proof.binds {
            binds.extend(laws::binds(&read(f)?));
        }
        binds.retain(|b| there.contains(&b.target) && there.contains(&b.checker));
        let mut files = vec![("formal_law.sv".to_owned(), LAW.to_owned())];
        for (f, text) in proof.files.iter().zip(&texts) {
            let mut text = laws::bound(&laws::immediate(text).with_context(|| f.display().to_string())?, &binds);
            for a in &proof.assume {
                text = text.replace(&format!("{a}: assert "), &format!("{a}: assume "));
                text = text.replace(&format!("formal_law {a} ("), &format!("formal_given {a} ("));
            }
            let name = f.file_name().and_then(|n| n.to_str()).with_context(|| format!("{} is no file", f.display()))?;
            files.push((name.to_owned(), text));
        }
        let script = script(proof, &files);
        let tools = root.join("scripts/requirements-eda.txt");
        let tools = std::fs::read(&tools).with_context(|| tools.display().to_string())?;
        let parts = files.iter().flat_map(|(n, t)| [n.as_bytes(), t.as_bytes()]);
        let key = Key::over(parts.chain([script.as_bytes(), &tools]));
        Ok(Self { proof, dir: dir.to_owned(), root: root.to_owned(), files, script, key, made: Mutex::new(false) })
    }

    /// Over all that it is made of, the tools too.
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Makes `dir`/design.il unless this one has done so.
    ///
    /// # Errors
    /// Yosys does not read the sources.
    pub fn make(&self) -> Result<()> {
        let mut made = self.made.lock().expect("no thread panics");
        if *made {
            return Ok(());
        }
        let write = |name: &str, text: &str| {
            let path = self.dir.join(name);
            std::fs::write(&path, text).with_context(|| path.display().to_string())
        };
        std::fs::create_dir_all(&self.dir).with_context(|| self.dir.display().to_string())?;
        for (name, text) in &self.files {
            write(name, text)?;
        }
        write("design.ys", &self.script)?;
        job(&self.root, &self.dir, "design.log", &["design.ys"])?;
        *made = true;
        Ok(())
    }
}

fn script(proof: &Proof, files: &[(String, String)]) -> String {
    let defines: String = proof.define.iter().map(|(k, v)| format!(" -D{k}={v}")).collect();
    let mut script = String::new();
    for (name, _) in files {
        script.push_str(&format!("read_verilog -sv -formal{defines} {name}\n"));
    }
    let start = if proof.zeroed { "setundef -init -zero\n" } else { "" };
    script.push_str(&format!(
        "hierarchy -check -top {}\nproc\nflatten\nopt_clean\ncheck -assert\nopt -nodffe -nosdff\n\
         memory_collect\nmemory_map -formal\nopt -nodffe -nosdff\nasync2sync\nchformal -lower\n\
         chformal -cover -remove\n{start}formalff -clk2ff -ff2anyinit\nsetundef -undriven -anyseq\nsetundef -anyseq\nopt_clean\n\
         write_rtlil design.il\n",
        proof.top
    ));
    script
}

#[cfg(test)]
mod tests {
    use super::super::plan::Plan;
    use super::*;

    /// The key is over the files that the proof reads, and over no others.
    #[test]
    fn only_what_is_read_changes_the_key() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let plan = Plan::load(&root.join("rtl")).expect("the plan");
        let proof = plan.proofs.iter().find(|p| p.name == "skid").expect("a proof");
        let file = Path::new("prim/prim_skid.sv");
        let dir = root.join("target/formal/unused");
        let key = |fault: Option<(&Path, &str)>| Design::new(&root, proof, &dir, fault).map(|d| d.key().clone());
        let text = std::fs::read_to_string(root.join("rtl").join(file)).expect("a text");
        let plain = key(None).expect("it is read");
        assert_eq!(plain, key(Some((file, &text))).expect("it is read"), "the same text");
        assert_ne!(plain, key(Some((file, &text.replace("skid_valid_q", "kept_q")))).expect("it is read"));
        assert!(key(Some((Path::new("prim/prim_fifo.sv"), &text))).is_err(), "a file that it does not read");
    }
}
