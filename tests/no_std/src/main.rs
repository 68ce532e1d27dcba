//! Links the core for a target without an operating system (`thumbv7m-none-eabi`): no `std`, no
//! clock, no files. Built by `cargo xtask test no_std`; elsewhere it is an empty program.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod bare {
    use core::alloc::{GlobalAlloc, Layout};

    use tierwise::{Catalog, Quantity, example};

    /// Has no memory to give: the program is linked, not run.
    struct NoMemory;

    #[expect(unsafe_code, reason = "an allocator cannot be written without")]
    // SAFETY: it never gives memory, so there is none to misuse.
    unsafe impl GlobalAlloc for NoMemory {
        unsafe fn alloc(&self, _: Layout) -> *mut u8 {
            core::ptr::null_mut()
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }

    #[global_allocator]
    static MEMORY: NoMemory = NoMemory;

    #[panic_handler]
    fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
        loop {}
    }

    /// Where a bare target starts. Asks the engine, so that all of it is linked.
    #[expect(unsafe_code, reason = "the linker looks for the entry by this name")]
    #[unsafe(no_mangle)]
    extern "C" fn _start() -> u32 {
        let Ok(catalog) = Catalog::compile(example::messaging()) else { return 1 };
        let total = catalog
            .tier("unlimited_msg_chat_history")
            .and_then(|tier| tier.priced_account_days()?.total(Quantity::whole(3030)?));
        match total {
            Ok(total) => u32::from(total.is_zero()),
            Err(_) => 1,
        }
    }
}

#[cfg(not(target_os = "none"))]
fn main() {}
