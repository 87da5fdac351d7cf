// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Requests of processors, and packets that come from nowhere.

use super::*;

impl World {
    /// Submits a request and runs until it has ended; waits first while too many
    /// packets are on their way down, as a processor's store buffer would.
    pub fn request(&mut self, request: Request) -> Result<Outcome, Stop> {
        self.drain_down(64)?;
        let id = self.submit(request);
        let outcome = self.outcome(id, 400_000)?;
        if outcome == Outcome::Timeout && !self.shadow.resetting {
            self.find("request_unanswered", Kind::Liveness, "the device does not answer a request of the host".into());
            return Err(Stop::Stuck);
        }
        Ok(outcome)
    }

    /// Runs until at most `left` packets are on their way to the device.
    pub(super) fn drain_down(&mut self, left: usize) -> Result<(), Stop> {
        let mut deadline = self.now() + STUCK;
        let mut waiting = self.on_the_way();
        while waiting > left {
            // Taking a packet does not end a run of the device: small steps.
            self.advance(self.now() + 16)?;
            if self.on_the_way() < waiting {
                waiting = self.on_the_way();
                deadline = self.now() + STUCK;
            } else if self.now() >= deadline {
                let text = format!("the device has taken no packet for {STUCK} cycles, {waiting} wait");
                self.find("request_never_left", Kind::Liveness, text);
                return Err(Stop::Stuck);
            }
        }
        Ok(())
    }

    /// Submits a request.
    pub fn submit(&mut self, request: Request) -> TxnId {
        let now = self.now();
        let id = self.host.submit(now, request);
        self.host_step(None);
        id
    }

    /// Runs until the request has ended.
    pub fn outcome(&mut self, id: TxnId, bound: Tick) -> Result<Outcome, Stop> {
        let deadline = self.now() + bound;
        loop {
            if let Some(o) = self.outcomes.remove(&id) {
                return Ok(o);
            }
            if self.now() >= deadline {
                self.find(
                    "request_never_left",
                    Kind::Liveness,
                    format!(
                        "a request of the host never left or ended within {bound} cycles: the device takes no packets"
                    ),
                );
                return Err(Stop::Stuck);
            }
            self.advance(deadline)?;
        }
    }

    /// The outcome of a request, if it has ended.
    pub fn try_outcome(&mut self, id: TxnId) -> Option<Outcome> {
        self.outcomes.remove(&id)
    }
}

impl World {
    /// Gives the host a packet that the device did not send; what the root complex says of it.
    pub fn stray(&mut self, p: &Packet) -> Result<Vec<String>, Stop> {
        let now = self.now();
        let (_, decoded) = decode(p);
        if let Decoded::Memory { write: true, requester, address, .. } = decoded
            && address >> 20 == 0xfee
            && p.data.len() == 1
        {
            self.ledger.arrivals.depart(requester, address, p.data[0], UnderWay { source: None, cause: 0, tick: now });
        }
        self.log.event(now, "stray", 0, format_args!("{}", Raw(p)));
        let mut effects = self.host.step(now, Some(p));
        let findings = effects.findings.drain(..).map(|f| f.to_string()).collect();
        self.effects(effects);
        self.wait(64)?;
        // What did not enter the remapping unit will not arrive.
        if self.host.is_idle() {
            self.ledger.arrivals.abandon();
        }
        Ok(findings)
    }
}
