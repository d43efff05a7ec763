//! `fondaco serve`: the first ten minutes, one server per folder, the orderly end.

use crate::harness::Process;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

#[test]
fn the_three_printed_lines_end_in_a_verified_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(&folder.path().join("my data"), &[]);
    let lines = server.lines();
    assert_eq!(lines.len(), 3);
    let mut last = String::new();
    for line in lines {
        // A shell of its own for each: nobody promised that all three are pasted into one.
        let output = Command::new("sh").args(["-c", line]).output().unwrap();
        last = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{line}\n{last}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!last.contains("\"error\""), "{line}\n{last}");
    }
    assert!(last.contains("product.created") && last.contains("verdict"), "{last}");
}

#[test]
fn the_data_folder_and_its_secrets_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Process::serve(&data, &[]);
    let mode = |name: &str| std::fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(""), mode("admin-secret"), mode("master-key")), (0o700, 0o600, 0o600));
    assert!(server.greeting.contains(&data.join("admin-secret").display().to_string()));
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let _first = Process::serve(folder.path(), &[]);
    let second = Process::run(&["serve", "--bind", "127.0.0.1:0", "--data", &data]);
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success());
    assert!(told.contains(&data) && told.contains("in use"), "{told}");
}

#[test]
fn sigterm_ends_it_in_good_order_and_the_folder_is_free_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Process::serve(folder.path(), &[]);
    assert_eq!(first.signal("TERM").code(), Some(0));
    let second = Process::serve(folder.path(), &[]);
    second.signal("KILL");
    let third = Process::serve(folder.path(), &[]);
    assert_eq!(third.signal("INT").code(), Some(0));
}
