//! What somebody at a terminal sees of a run that takes long.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Progress;

/// After this time somebody wonders.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often what is shown is renewed.
const INTERVAL: Duration = Duration::from_millis(200);

/// Does `work`, and shows on standard error how far it is once it takes long: only on a terminal that
/// can take a line back, and where `is_wanted`. Nothing of it stays.
pub(super) fn watched<T>(progress: &Progress, is_wanted: bool, work: impl FnOnce() -> T) -> T {
    let can_take_back = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    if !(is_wanted && can_take_back && io::stderr().is_terminal()) {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || {
            let begin = Instant::now();
            let mut wait = PATIENCE;
            let mut is_shown = false;
            while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                is_shown |= show(&line(progress, begin.elapsed())).is_ok();
                wait = INTERVAL;
            }
            if is_shown {
                let _ = show("");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Shows `text` in the place of what was shown before.
fn show(text: &str) -> io::Result<()> {
    let mut out = io::stderr().lock();
    write!(out, "\r\x1b[2K{text}")?;
    out.flush()
}

fn line(progress: &Progress, since: Duration) -> String {
    let seconds = since.as_secs();
    match (progress.done(), progress.all()) {
        (_, 0) => format!("astrolint: looking for projects… {seconds} s"),
        (_, 1) => format!("astrolint: checking the project… {seconds} s"),
        (done, all) => format!("astrolint: checked {done} of {all} projects… {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_a_run_is() {
        let progress = Progress::default();
        let says = |progress: &Progress| line(progress, Duration::from_millis(2900));
        assert_eq!(says(&progress), "astrolint: looking for projects… 2 s");
        progress.begin(200);
        progress.step();
        assert_eq!(says(&progress), "astrolint: checked 1 of 200 projects… 2 s");
    }

    #[test]
    fn work_gives_its_result() {
        assert_eq!(watched(&Progress::default(), true, || 3), 3);
    }
}
