// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Processor time of this thread. A search that runs beside other work, other searches of the same process too, is
//! measured by what it was given, not by how long it took.

/// Ticks of a second in which Linux counts processor time for its users.
const HZ: f64 = 100.0;

/// Seconds of processor time that the calling thread has had; none where the kernel does not say.
pub fn seconds() -> Option<f64> {
    of_stat(&std::fs::read_to_string("/proc/thread-self/stat").ok()?)
}

/// Behind the name, which may have anything in it, stand state and ten numbers, then user and system time [proc(5)].
fn of_stat(text: &str) -> Option<f64> {
    let mut rest = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || rest.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / HZ)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added() {
        let line = "12 (a b) c) R 1 2 3 4 5 6 7 8 9 10 250 150 99 98 20";
        assert_eq!(of_stat(line), Some(4.0));
        assert_eq!(of_stat("12 (a"), None);
        let (before, mut n) = (seconds().unwrap(), 0u64);
        while seconds().unwrap() < before + 0.02 {
            n = std::hint::black_box(n + 1);
        }
        assert!(n > 0);
    }
}
