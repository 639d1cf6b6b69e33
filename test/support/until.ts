export * from '../../local/until';
