//! The edge over real connections: what is refused is refused quickly, and nothing of it is begun.

mod browsers;
mod connections;
mod load;
mod site;
mod tls;
