// Modules that wait at their top need `esm` Workers too.
export default { worker: { format: 'es' }, build: { target: 'es2022' } };
