// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Names of the remapping unit's registers in vectors.

use vectors::op::Place;

/// Registers by name with their offsets [VT-d 11.4].
const NAMES: &[(&str, u32)] = &[
    ("ver", 0x00),
    ("cap", 0x08),
    ("ecap", 0x10),
    ("gcmd", 0x18),
    ("gsts", 0x1c),
    ("rtaddr", 0x20),
    ("fsts", 0x34),
    ("fectl", 0x38),
    ("fedata", 0x3c),
    ("feaddr", 0x40),
    ("feuaddr", 0x44),
    ("iqh", 0x80),
    ("iqt", 0x88),
    ("iqa", 0x90),
    ("ics", 0x9c),
    ("iectl", 0xa0),
    ("iedata", 0xa4),
    ("ieaddr", 0xa8),
    ("ieuaddr", 0xac),
    ("iqercd", 0xb0),
    ("irta", 0xb8),
];

/// Offset of a register of the remapping unit.
///
/// # Errors
/// An unknown name or an offset outside the register page, as one sentence.
pub fn vtd(place: &Place) -> Result<u32, String> {
    let at = match place {
        Place::Number(n) => *n,
        Place::Name(text) => {
            let found = NAMES.iter().find(|(name, _)| name == text);
            u64::from(found.ok_or_else(|| format!("\"{text}\" names no register of the remapping unit"))?.1)
        }
    };
    u32::try_from(at).ok().filter(|a| *a < 0x1000).ok_or_else(|| format!("{at:#x} is outside the register page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        assert_eq!(vtd(&Place::Name("gsts".into())), Ok(0x1c));
        assert_eq!(vtd(&Place::Number(0xb8)), Ok(0xb8));
        assert!(vtd(&Place::Name("gtst".into())).unwrap_err().contains("gtst"));
        assert!(vtd(&Place::Number(0x1000)).is_err());
    }
}
