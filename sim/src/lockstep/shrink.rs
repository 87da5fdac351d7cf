// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Makes a burst that shows a difference as short as it will go: halves, quarters,
//! … of the episodes are left out as long as the difference stays, then single
//! packets and causes of those that are left. What keeps an episode determined
//! (waits, credits, points of comparison) is never taken out of it.

use super::act::Episode;

/// The shortest burst found for which `differs` still holds; it holds for `burst`.
pub fn shrink<E>(
    burst: Vec<Episode>,
    mut differs: impl FnMut(&[Episode]) -> Result<bool, E>,
) -> Result<Vec<Episode>, E> {
    let mut kept = without_parts(burst, |_| true, |list| differs(list))?;
    for k in 0..kept.len() {
        let rest = kept.clone();
        let whole = |acts: &[super::act::Act]| {
            let mut list = rest.clone();
            list[k].acts = acts.to_vec();
            list
        };
        let acts = without_parts(kept[k].acts.clone(), super::act::Act::optional, |acts| differs(&whole(acts)))?;
        kept[k].acts = acts;
    }
    Ok(kept)
}

/// Leaves out parts of a list, ever smaller ones, as long as `holds`.
pub fn without_parts<T: Clone, E>(
    mut list: Vec<T>,
    optional: impl Fn(&T) -> bool,
    mut holds: impl FnMut(&[T]) -> Result<bool, E>,
) -> Result<Vec<T>, E> {
    let mut size = list.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < list.len() {
            let end = (at + size).min(list.len());
            let part = &list[at..end];
            let mut fewer = list[..at].to_vec();
            fewer.extend(part.iter().filter(|x| !optional(x)).cloned());
            let stays = fewer.len() - at;
            fewer.extend_from_slice(&list[end..]);
            if stays < end - at && holds(&fewer)? {
                list = fewer;
                at += stays;
            } else {
                at = end;
            }
        }
        if size == 1 {
            return Ok(list);
        }
        size = size.div_ceil(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn what_is_needed_stays_and_nothing_else() {
        let needed = |l: &[u32]| Ok::<_, Infallible>(l.contains(&13) && l.contains(&77));
        let left = without_parts((0..100).collect(), |_| true, needed).expect("infallible");
        assert_eq!(left, [13, 77]);
        let left = without_parts((0..100).collect(), |x| x % 10 != 0, needed).expect("infallible");
        assert_eq!(left, [0, 10, 13, 20, 30, 40, 50, 60, 70, 77, 80, 90]);
    }
}
