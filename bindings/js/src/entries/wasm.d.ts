// What a wasm file is to workerd.
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
