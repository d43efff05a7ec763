//! One set of wire conventions, as data: read from a file, consulted by the web toolkit and by fan-out, by nobody else.
