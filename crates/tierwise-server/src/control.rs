//! Orders while the service runs: on a socket of the file system, an order and its answer a line
//! of JSON each. Whoever may open the socket may order anything; it is its owner's alone.

mod carry_out;
mod order;
mod people;
mod shown;
mod socket;

pub(crate) use carry_out::Service;
pub use order::{AccountOrder, NewMessageOrder, Order, PlannedOrder, TeamOrder};
pub use people::{PeopleOrder, TeamKnownOrder};
pub(crate) use shown::without_transport;
pub(crate) use socket::Socket;
pub use socket::ask;
