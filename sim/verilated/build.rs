// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Compiles the loader. Models are compiled at run time, so this needs a C++
//! compiler but no Verilator.

fn main() {
    cxx_build::bridge("src/ffi.rs").file("src/loader.cc").include("../cpp").std("c++17").compile("verilated-loader");
    println!("cargo:rustc-link-lib=dl");
    println!("cargo:rustc-env=VERILATED_TARGET={}", std::env::var("TARGET").expect("cargo sets TARGET"));
    for file in ["src/ffi.rs", "src/loader.cc", "src/loader.h", "../cpp/model_api.h"] {
        println!("cargo:rerun-if-changed={file}");
    }
}
