// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The end of disturbance, processors that serve what arrived, and waiting until nothing is owed.

use super::*;

impl World {
    /// Ends all disturbance.
    pub fn calm(&mut self, seed: u64) {
        self.device.calm(seed);
        self.service.fill(true);
        self.awake.fill(true);
    }

    // ---- processors -----------------------------------------------------------------------------------------

    pub(super) fn next_service(&self) -> Option<Tick> {
        self.busy.iter().flatten().map(|(t, _)| *t).min()
    }

    /// A processor may have something to take: an arrival, an EOI, a change of its priority.
    pub fn wake(&mut self, cpu: usize) {
        self.awake[cpu] = true;
    }

    /// A processor is sent an interprocessor interrupt.
    pub fn self_ipi(&mut self, cpu: usize, vector: u8) {
        let arrival = self.host.apics_mut().self_ipi(cpu, vector);
        self.accepted += u64::from(matches!(arrival.outcome, ApicOutcome::Accepted));
        self.awake[cpu] = true;
        let now = self.now();
        self.log.event(now, "ipi", 0, format_args!("\"cpu\":{cpu},\"vector\":{vector}"));
        // The processor notices now, not when the device next has something to say.
        self.serve();
    }

    pub(super) fn serve(&mut self) {
        use rand::RngExt;
        let now = self.now();
        for cpu in 0..self.busy.len() {
            match self.busy[cpu] {
                Some((due, in_service)) if due <= now => {
                    self.busy[cpu] = None;
                    if in_service {
                        self.host.apics_mut().eoi(cpu);
                        self.awake[cpu] = true;
                        self.log.record(now, 0, Event::Eoi { cpu: cpu as u32 });
                    } else if let Some(vector) = self.host.apics_mut().acknowledge(cpu) {
                        self.served += 1;
                        self.log.record(now, 0, Event::Take { cpu: cpu as u32, vector });
                        if let Some(taken) = &mut self.taken {
                            taken.push(Taken { tick: now, at: Place { cpu, vector } });
                        }
                        self.busy[cpu] = Some((now + self.rng.random_range(4..40), true));
                    }
                }
                // Asking an APIC costs more than everything else here: only those that something happened to.
                None if self.service[cpu]
                    && std::mem::take(&mut self.awake[cpu])
                    && self.host.apics().interrupt_pending(cpu).is_some() =>
                {
                    self.busy[cpu] = Some((now + self.rng.random_range(2..30), false));
                }
                _ => {}
            }
        }
    }

    /// Whether every processor that serves has nothing left to do.
    pub fn processors_idle(&self) -> bool {
        self.busy.iter().all(Option::is_none)
            && (0..self.busy.len()).all(|c| !self.service[c] || self.host.apics().interrupt_pending(c).is_none())
    }

    // ---- judgement ---------------------------------------------------------------------------------------------

    /// Whether nothing is under way and nothing overdue.
    fn is_quiet(&mut self) -> bool {
        self.processors_idle() && self.host.is_idle() && self.device.is_quiet()
    }

    /// Runs until everything owed has come, or `bound` cycles have passed and what
    /// has not come is reported.
    pub fn settle(&mut self, bound: Tick) -> Result<(), Stop> {
        self.drain_down(0)?;
        let deadline = self.now() + bound;
        loop {
            let mut step = 32;
            while !self.is_quiet() {
                if self.now() >= deadline {
                    self.device.judge_liveness(bound);
                    break;
                }
                self.run_to((self.now() + step).min(deadline))?;
                step = (step * 2).min(1024);
            }
            // A device that says too much needs a moment to do so, and what it says then has to arrive.
            self.wait(128)?;
            if self.now() >= deadline || self.is_quiet() {
                break;
            }
        }
        self.errors.calm();
        Ok(())
    }

    /// What local APICs accepted, processors that serve must have taken, each once.
    pub fn judge_service(&mut self) {
        let (accepted, served) = (self.accepted, self.served);
        self.report.look("accepted_not_served");
        if accepted != served {
            let text = format!("local APICs accepted {accepted} interrupt(s), processors took {served}");
            self.find("accepted_not_served", Kind::Safety, text);
        }
    }
}
