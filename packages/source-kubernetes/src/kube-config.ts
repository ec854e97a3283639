/**
 * What is used of the client. The build puts it and all it needs into one file: loading the client as it comes takes 800
 * modules, half a second and 70 MB, nearly all of it for kinds of objects that nobody here asks for.
 */
export { KubeConfig } from '@kubernetes/client-node';
