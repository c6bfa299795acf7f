//! Where in a list of commands the reader stands: one frame for the script, one more for each
//! command substitution around it.

use super::{Context, Feeder};

/// The list of commands that is being read.
#[derive(Default)]
pub(super) struct Frame {
    /// The compound commands that are open, outermost first.
    pub(super) blocks: Vec<Block>,
    /// Where the list as a whole stands.
    base: Context,
    /// Whether a `)` ends it.
    pub(super) is_substitution: bool,
    /// The index of the command that is being read.
    pub(super) current: Option<usize>,
    /// What a `|` would pipe from: what ended last.
    pub(super) last: Option<Feeder>,
    /// What is piped into the next command.
    pub(super) feed: Option<Feeder>,
    /// How the next command follows the one in front of it.
    pub(super) joined: Joined,
    /// Whether an operator waits for a command, so that a line end means nothing.
    pub(super) expects_command: bool,
    /// Whether a compound command ended, so that only redirections may follow.
    pub(super) is_after_block: bool,
    /// Whether the next compound command is the body of a function.
    pub(super) is_function: bool,
    /// The here-documents whose bodies begin on the next line.
    pub(super) pending: Vec<Pending>,
}

/// How a command follows the one in front of it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Joined {
    /// Whatever that one came to.
    #[default]
    Always,
    /// Behind `&&`.
    AfterSuccess,
    /// Behind `||`.
    AfterFailure,
}

/// A compound command that is open.
pub(super) struct Block {
    pub(super) kind: BlockKind,
    /// Where it begins in the reader's text.
    pub(super) start: usize,
    /// Where the commands in it stand.
    context: Context,
    /// How it is joined to what is in front of it.
    joined: Joined,
    /// Whether something is piped into it.
    is_fed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BlockKind {
    If,
    Loop,
    /// `case`; whether patterns come next.
    Case(bool),
    Braces,
    Parentheses,
}

/// A here-document whose body is still to come.
pub(super) struct Pending {
    /// The command and which of its redirections it is; none when it belongs to a compound command.
    pub(super) owner: Option<(usize, usize)>,
    pub(super) delimiter: String,
    pub(super) strips_tabs: bool,
    pub(super) expands: bool,
    /// Where its operator stands in the reader's text.
    pub(super) start: usize,
    pub(super) context: Context,
}

impl Block {
    /// The condition was read: what follows may not run.
    pub(super) fn is_past_condition(&mut self) {
        self.context.is_conditional = true;
    }
}

impl Frame {
    /// The list of a command substitution that stands in `context`.
    pub(super) fn substitution(context: Context) -> Self {
        Self { base: context, is_substitution: true, ..Self::default() }
    }

    /// Where the next command stands.
    pub(super) fn context(&self) -> Context {
        let mut context = self.blocks.last().map_or(self.base, |block| block.context);
        context.is_conditional |= self.joined == Joined::AfterFailure;
        context.is_after_success |= self.joined == Joined::AfterSuccess;
        context
    }

    /// What is piped into the next command; into those of a block, what is piped into that.
    pub(super) fn take_feed(&mut self) -> Option<Feeder> {
        let is_fed = self.blocks.last().is_some_and(|block| block.is_fed);
        self.feed.take().or(is_fed.then_some(Feeder::Other))
    }

    /// Whether the next command runs in any case, in the script's own process.
    pub(super) fn is_certain(&self) -> bool {
        self.blocks.is_empty() && !self.is_substitution && self.joined == Joined::Always
    }

    /// Opens a compound command at `start`.
    pub(super) fn open(&mut self, kind: BlockKind, start: usize) {
        let mut context = self.context();
        match kind {
            BlockKind::Case(_) => context.is_conditional = true,
            BlockKind::Loop => context.is_repeated = true,
            BlockKind::Parentheses => context.is_in_subshell = true,
            // What decides whether the rest runs is itself run.
            BlockKind::If | BlockKind::Braces => {}
        }
        context.is_in_function |= std::mem::take(&mut self.is_function);
        let is_fed = self.take_feed().is_some();
        let joined = std::mem::take(&mut self.joined);
        self.blocks.push(Block { kind, start, context, joined, is_fed });
        self.expects_command = false;
        self.last = None;
    }

    /// Closes the innermost open compound command for which `is_kind` holds; those that are open
    /// inside of it are returned. `None` when there is none.
    pub(super) fn close(&mut self, is_kind: impl Fn(BlockKind) -> bool) -> Option<Vec<Block>> {
        let index = self.blocks.iter().rposition(|block| is_kind(block.kind))?;
        let inner = self.blocks.split_off(index + 1);
        self.joined = self.blocks.pop().map_or(Joined::Always, |block| block.joined);
        self.last = Some(Feeder::Other);
        self.is_after_block = true;
        Some(inner)
    }
}
