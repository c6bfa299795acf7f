//! Work on several threads, whose results come in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::limits;

/// How many threads can work at once.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Hands to `then` what `work` makes of each of `items`, in their order, as soon as all before it are
/// done. `work` runs on at most `threads` threads with deep stacks, at least on one.
pub fn in_order<I: Sync, T: Send>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> T + Sync,
    mut then: impl FnMut(T),
) {
    // Few enough to wake the receiver seldom, and not so few that a thread is left without work.
    let at_once = (items.len() / (8 * threads.max(1))).clamp(1, 16);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads.min(items.len()) {
            let (sender, work, next) = (sender.clone(), &work, &next);
            let work = move || {
                loop {
                    let from = next.fetch_add(at_once, Ordering::Relaxed);
                    let to = items.len().min(from + at_once);
                    let Some(some) = items.get(from..to) else { return };
                    let done: Vec<T> = some.iter().map(work).collect();
                    if done.is_empty() || sender.send((from, done)).is_err() {
                        return;
                    }
                }
            };
            // A machine that starts no thread cannot parse either: what it would do is left out.
            let _ = thread::Builder::new().stack_size(limits::STACK).spawn_scoped(scope, work);
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut awaited = 0;
        for (from, done) in receiver {
            early.insert(from, done);
            while let Some(done) = early.remove(&awaited) {
                awaited += done.len();
                done.into_iter().for_each(&mut then);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in [1, 2, 7] {
            let mut found = Vec::new();
            in_order(&items, threads, |it| it * 2, |it| found.push(it));
            assert_eq!(found, items.iter().map(|it| it * 2).collect::<Vec<_>>());
        }
        in_order(&[] as &[usize], 3, |it| *it, |_| unreachable!());
    }
}
