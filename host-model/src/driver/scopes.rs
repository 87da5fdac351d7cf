// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Which remapping unit a function is behind: the DRHD structures of the DMAR table and their device scopes
//! [VT-d 8.3, 8.3.1], looked up as `map_dev_to_ir` does.
//!
//! A scope names a bridge by its path from bus 0 and means everything below it; one unit at most has what no scope
//! names (INCLUDE_PCI_ALL).

use super::bridges::Hierarchy;
use tlp::Bdf;

/// One unit's structure.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drhd {
    /// Root ports whose subtrees it has: device numbers on bus 0 (scope type 2, a path of one step).
    pub scopes: Vec<u8>,
    /// It has all that is in no scope of another.
    pub include_all: bool,
}

/// What is wrong with a table.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScopeError {
    /// Two units name one root port.
    #[error("units {0} and {1} both have root port {2}")]
    Twice(usize, usize, u8),
    /// Two units have the rest.
    #[error("units {0} and {1} both have the rest")]
    TwoRests(usize, usize),
}

/// The table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dmar {
    units: Vec<Drhd>,
}

impl Dmar {
    /// A table of these units, in the order of their numbers.
    ///
    /// # Errors
    /// It does not say clearly whose a function is.
    pub fn new(units: Vec<Drhd>) -> Result<Self, ScopeError> {
        let mut rest = None;
        for (n, unit) in units.iter().enumerate() {
            for port in &unit.scopes {
                if let Some(other) = units[..n].iter().position(|u| u.scopes.contains(port)) {
                    return Err(ScopeError::Twice(other, n, *port));
                }
            }
            if unit.include_all
                && let Some(other) = rest.replace(n)
            {
                return Err(ScopeError::TwoRests(other, n));
            }
        }
        Ok(Self { units })
    }

    /// The unit of a function, virtual or not: that of the root port above its bus, else the one that has the rest.
    pub fn unit(&self, found: &Hierarchy, function: Bdf) -> Option<usize> {
        let port = found.root_port(function.bus()).map(|id| id.device());
        let named = port.and_then(|port| self.units.iter().position(|u| u.scopes.contains(&port)));
        named.or_else(|| self.units.iter().position(|u| u.include_all))
    }
}

#[cfg(test)]
mod tests {
    use super::super::bridges::{Branch, Node};
    use super::*;

    fn port(device: u8, secondary: u8, subordinate: u8) -> Node {
        let id = Bdf::from_bits(u16::from(device) << 3);
        Node::Bridge(Branch { id, secondary, subordinate, below: Vec::new() })
    }

    #[test]
    fn a_function_has_the_unit_of_its_root_port_or_the_one_with_the_rest() {
        let found = Hierarchy { top: vec![port(0, 1, 4), port(1, 5, 5), port(2, 6, 9)], virtual_windows: Vec::new() };
        let of = |scopes: &[u8], include_all| Drhd { scopes: scopes.to_vec(), include_all };
        let dmar = Dmar::new(vec![of(&[1], false), of(&[0], false), of(&[], true)]).unwrap();
        for (id, unit) in [(0x0100, 1), (0x0408, 1), (0x0500, 0), (0x0600, 2), (0x0008, 2)] {
            assert_eq!(dmar.unit(&found, Bdf::from_bits(id)), Some(unit), "{id:#x}");
        }
        let dmar = Dmar::new(vec![of(&[1], false)]).unwrap();
        assert_eq!(dmar.unit(&found, Bdf::from_bits(0x0100)), None);
    }

    #[test]
    fn a_table_that_says_two_things_is_refused() {
        let of = |scopes: &[u8], include_all| Drhd { scopes: scopes.to_vec(), include_all };
        assert_eq!(Dmar::new(vec![of(&[1, 2], false), of(&[2], false)]), Err(ScopeError::Twice(0, 1, 2)));
        assert_eq!(Dmar::new(vec![of(&[], true), of(&[], true)]), Err(ScopeError::TwoRests(0, 1)));
    }
}
