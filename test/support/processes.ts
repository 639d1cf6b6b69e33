export * from '../../local/supervisor/process-life';
