import './style.css';

export { LogViewer } from './components/logs/LogViewer.tsx';
export type { LogViewerProps } from './components/logs/LogViewer.tsx';
export { initialLogView } from './components/logs/log-view.ts';
export type { LogView, Timestamps } from './components/logs/log-view.ts';
export { addressOf, viewOf } from './pages/view-address.ts';
export type { ViewAddress } from './pages/view-address.ts';
