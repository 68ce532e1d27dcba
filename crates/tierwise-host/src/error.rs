//! What goes wrong, as data: the component's own errors and those of running it.

use std::fmt;

use crate::wit;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What went wrong with a component: a stable word for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as it stands in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }
        }
    };
}

codes! {
    /// No bytes at all.
    EmptyComponent = "empty_component",
    /// More bytes than [`COMPONENT_BYTES`](crate::limits::COMPONENT_BYTES).
    ComponentTooLarge = "component_too_large",
    /// The bytes are not WebAssembly.
    NotWasm = "not_wasm",
    /// WebAssembly, but a core module: it has to be made a component.
    CoreModule = "core_module",
    /// A component that ends too early.
    TruncatedComponent = "truncated_component",
    /// A component that WebAssembly's rules, or the host's bounds, do not allow.
    InvalidComponent = "invalid_component",
    /// A component that asks for something from outside.
    ComponentImports = "component_imports",
    /// A component of another world than `tierwise:policy/policy`.
    WrongWorld = "wrong_world",
    /// More input than [`INPUT_BYTES`](crate::limits::INPUT_BYTES).
    TooLarge = "too_large",
    /// More fuel than [`FUEL_PER_CALL`](crate::limits::FUEL_PER_CALL).
    FuelExhausted = "fuel_exhausted",
    /// More memory than [`MEMORY_BYTES`](crate::limits::MEMORY_BYTES), or a table larger than
    /// [`TABLE_ELEMENTS`](crate::limits::TABLE_ELEMENTS).
    MemoryExhausted = "memory_exhausted",
    /// Calls nested beyond [`STACK_BYTES`](crate::limits::STACK_BYTES).
    StackExhausted = "stack_exhausted",
    /// The component gave up, or did what WebAssembly does not allow.
    ComponentTrapped = "component_trapped",
    /// More output than [`OUTPUT_BYTES`](crate::limits::OUTPUT_BYTES).
    AnswerTooLarge = "answer_too_large",
    /// What came back is not of the types of the world.
    InvalidAnswer = "invalid_answer",
    /// The machine does not give what running a component takes.
    HostFailure = "host_failure",
}

/// Why there is no answer. Never a grant: who asks whether something is allowed takes it as a no.
///
/// Either the component refused the question, with a code, a path, a message and a help of its
/// own; or it could not be run to its end, with a [`Code`].
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    host_code: Option<Code>,
    said: wit::Error,
}

impl Error {
    #[cold]
    pub(crate) fn new(code: Code, message: impl fmt::Display, help: &str) -> Self {
        let said = wit::Error {
            code: code.as_str().to_owned(),
            path: String::new(),
            message: message.to_string(),
            help: help.to_owned(),
        };
        Error(Box::new(Inner { host_code: Some(code), said }))
    }

    /// What the component says is wrong with the question.
    #[cold]
    pub(crate) fn refused(said: wit::Error) -> Self {
        Error(Box::new(Inner { host_code: None, said }))
    }

    /// The kind of error, stable, for programs: a word of the engine or of [`Code`].
    pub fn code(&self) -> &str {
        &self.0.said.code
    }

    /// The JSON pointer of the wrong value within the question or the catalog; empty if the error
    /// is about the component.
    pub fn path(&self) -> &str {
        &self.0.said.path
    }

    /// What is wrong, for people.
    pub fn message(&self) -> &str {
        &self.0.said.message
    }

    /// How to mend it; may be empty.
    pub fn help(&self) -> &str {
        &self.0.said.help
    }

    /// What went wrong with the component; none if it answered, and the question is wrong.
    pub fn host_code(&self) -> Option<Code> {
        self.0.host_code
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code())
            .field("path", &self.path())
            .field("message", &self.message())
            .field("help", &self.help())
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path().is_empty() {
            write!(f, "{}: ", self.path())?;
        }
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}
