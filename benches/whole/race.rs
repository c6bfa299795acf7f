//! Commands that take turns, and what each took.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

/// A command, and the exit codes with which it did its work.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    program: std::ffi::OsString,
    arguments: Vec<std::ffi::OsString>,
    exits: Vec<i32>,
}

impl Contestant {
    pub(crate) fn new(name: &'static str, command: &mut Command, exits: &[i32]) -> Self {
        Self {
            name,
            program: command.get_program().to_owned(),
            arguments: command.get_args().map(ToOwned::to_owned).collect(),
            exits: exits.to_vec(),
        }
    }

    /// Whether the program can be started on this machine.
    pub(crate) fn is_there(&self) -> bool {
        let found = self.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let is_there = found.as_ref().is_ok();
        if let Ok(mut child) = found {
            let _ = child.wait();
        } else {
            eprintln!("not measured, it is not installed: {}", self.name);
        }
        is_there
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).env("NO_COLOR", "1");
        command
    }

    /// Runs it once, with its output written to a file as in CI; milliseconds and bytes.
    fn run(&self) -> (f64, u64) {
        let output = tempfile::tempfile().expect("a file for the output");
        let errors: File = output.try_clone().expect("the same file");
        let begin = Instant::now();
        let child = self.command().stdout(output).stderr(errors).spawn();
        let child = child.expect("the program was there before");
        let used = child.wait4().expect("the process ends");
        let time = begin.elapsed().as_secs_f64() * 1000.0;
        let code = used.status.code();
        assert!(
            code.is_some_and(|code| self.exits.contains(&code)),
            "{} ended with {code:?}",
            self.name
        );
        (time, used.rusage.maxrss)
    }
}

/// What a command took, per run.
#[derive(Default)]
pub(crate) struct Figures {
    /// Milliseconds.
    times: Vec<f64>,
    /// Bytes.
    memory: u64,
}

impl Figures {
    pub(crate) fn median(&self) -> f64 {
        self.times[self.times.len() / 2]
    }

    pub(crate) fn least(&self) -> f64 {
        self.times[0]
    }

    pub(crate) fn most(&self) -> f64 {
        self.times[self.times.len() - 1]
    }

    /// The most that was resident at once, in megabytes.
    pub(crate) fn memory(&self) -> f64 {
        self.memory as f64 / 1e6
    }
}

/// Runs each of `contestants` `runs` times, in turns whose order rotates, after one that does not count.
pub(crate) fn run(contestants: &[Contestant], runs: usize) -> Vec<Figures> {
    let mut figures: Vec<Figures> = contestants.iter().map(|_| Figures::default()).collect();
    for turn in 0..=runs {
        for place in 0..contestants.len() {
            let number = (place + turn) % contestants.len();
            let (time, memory) = contestants[number].run();
            if turn > 0 {
                figures[number].times.push(time);
                figures[number].memory = figures[number].memory.max(memory);
            }
        }
    }
    for figures in &mut figures {
        figures.times.sort_by(f64::total_cmp);
    }
    figures
}
