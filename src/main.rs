//! The command line of ridethrough.

fn main() -> std::process::ExitCode {
    ridethrough::cli::main()
}
