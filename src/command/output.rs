//! Standard output and standard error, as long as somebody reads them.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};

use crate::report::escape::escape;
use crate::report::wrapping;

/// Writes a line on standard error, with what could fool a terminal escaped. On a terminal it is broken
/// between words; elsewhere it stays one line, for programs that look for it. What nobody reads is no
/// failure of the work that it is said about.
pub(super) fn say(line: &str) {
    let line = escape(line);
    let mut out = io::stderr().lock();
    let line = match super::terminal_width(out.is_terminal()) {
        Some(width) => textwrap::fill(&line, wrapping(width).subsequent_indent("  ")).into(),
        None => line,
    };
    let _ = writeln!(out, "{line}");
}

/// Standard output.
pub(super) fn stdout() -> BufWriter<Out<StdoutLock<'static>>> {
    BufWriter::new(Out { inner: io::stdout().lock(), is_closed: false })
}

/// Standard output with colours, or without.
pub(super) fn painted(color: bool) -> BufWriter<Out<AutoStream<StdoutLock<'static>>>> {
    let choice = if color { ColorChoice::AlwaysAnsi } else { ColorChoice::Never };
    let inner = AutoStream::new(io::stdout().lock(), choice);
    BufWriter::new(Out { inner, is_closed: false })
}

/// A writer that goes on when nobody reads any more: `astrolint … | head` ends with the same code as
/// `astrolint …`.
pub(super) struct Out<W> {
    inner: W,
    is_closed: bool,
}

impl<W: Write> Out<W> {
    fn heed<T>(&mut self, done: io::Result<T>, otherwise: T) -> io::Result<T> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(otherwise)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let done = self.inner.write(bytes);
        self.heed(done, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let done = self.inner.flush();
        self.heed(done, ())
    }
}
