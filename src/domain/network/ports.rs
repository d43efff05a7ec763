//! Ports whose services could be talked to by accident of an HTTP request's text.

/// Port 0 and well-known ports of other protocols: mail, name and file services, remote shells, databases.
const FOREIGN: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
    113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
    548, 554, 556, 563, 587, 601, 636, 873, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 3306, 3389, 3659, 4045, 4190,
    5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080, 11_211, 27_017,
];

/// Tells whether the port belongs to another protocol.
pub(super) fn is_foreign(port: u16) -> bool {
    FOREIGN.binary_search(&port).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(FOREIGN.is_sorted());
        assert!(is_foreign(22) && is_foreign(6379) && is_foreign(0));
        assert!(!is_foreign(443) && !is_foreign(8080));
    }
}
